"""Text to Morse code and back."""

from .table import CODES


def encode(text):
    """Codes between letters a space, between words a stroke."""
    return " / ".join(" ".join(CODES[letter] for letter in word) for word in text.upper().split())


def decode(code):
    letters = {dots: letter for letter, dots in CODES.items()}
    return " ".join("".join(letters[dots] for dots in word.split()) for word in code.split(" / "))
