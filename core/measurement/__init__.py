"""What can be measured in a mask: sizes and shapes of regions, and distances between two."""
