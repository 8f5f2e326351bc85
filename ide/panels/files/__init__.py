"""The files panel: what is on the board, beside what is in the project."""
