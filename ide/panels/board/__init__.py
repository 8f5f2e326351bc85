"""The Board panel: who the board is, its memory, its storage, and what a module costs it."""
