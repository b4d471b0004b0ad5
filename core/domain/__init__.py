"""Frozen specs, samples, label tables and events: the words that all rooms share."""
