"""Counterpoise: balance multi-label segmentation datasets, train on them, review the masks."""
