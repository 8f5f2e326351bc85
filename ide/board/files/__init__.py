"""A board's own files: looking at them, moving them both ways, changing them, keeping a folder and a board the same.

Paths on the board are absolute, with ``/``. Nothing here resets the board or leaves a name in its ``__main__``; a
program that runs is stopped, as by everything that is asked of a board.
"""
