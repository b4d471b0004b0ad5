"""Training segmentation models on plans, fold by fold, on Lightning."""
