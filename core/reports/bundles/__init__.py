"""Review bundles: one file with all that a review needs, and the file that brings its decisions back."""
