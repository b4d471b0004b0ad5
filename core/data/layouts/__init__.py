"""Where the files of a balanced set lie, and how its masks are stored: one layout a file."""
