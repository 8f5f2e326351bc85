"""The Flasher panel: MicroPython onto a board, or many; backup and rescue; partition tables."""
