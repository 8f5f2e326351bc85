"""The learn panel: lessons with code that runs, benches that ask the board, the teacher's table."""
