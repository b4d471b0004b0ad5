"""Image-level labels: tables and lists."""
