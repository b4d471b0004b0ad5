"""What goes out of a review and comes back: exports, bundles, and the next version of a dataset."""
