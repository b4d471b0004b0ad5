"""What a folder is: format, folders, pairing and classes, each with its reason."""
