"""Paired sets: many images with the masks that they were made from, as a folder to train or test on."""
