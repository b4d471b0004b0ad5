"""Folder trees, and how images find their masks in them."""
