# Runs on the board.
import morse

for text in ("SOS", "HELLO BOARD", "2026"):
    assert morse.decode(morse.encode(text)) == text
assert morse.__file__ == "morse/__init__.py"
print("morse is frozen, and right")
