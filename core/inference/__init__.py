"""Predicting masks, and how sure a model is of them."""
