"""Balanced sets as files and as batches: every duplicate augmented by its own seed."""
