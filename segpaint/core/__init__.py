"""The model core: labels, masks, conditioning, checkpoints, sampling. It does without Qt."""
