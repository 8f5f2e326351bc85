"""What the editor knows of the code in it: one session per window, a source of answers per language."""
