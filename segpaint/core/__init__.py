"""The model core: labels, masks, conditioning, checkpoints, sampling. No Qt in here."""
