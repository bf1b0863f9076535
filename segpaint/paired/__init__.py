"""Paired sets: folders of many images and their masks, to train or test on."""
