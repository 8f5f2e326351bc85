"""The Console panel: the board's own prompt, and a serial monitor."""
