"""How well a checkpoint follows masks, and how real its images look."""
