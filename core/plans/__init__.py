"""Balance plans: how many copies of each image, and everything that says where the numbers come from."""
