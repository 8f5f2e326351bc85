"""The board's own files, from this side."""
