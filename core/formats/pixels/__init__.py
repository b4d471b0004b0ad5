"""Pixels of images and masks: decoding, counting values, levels, palettes."""
