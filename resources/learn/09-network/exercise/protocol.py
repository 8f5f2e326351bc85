def answer(line):
    """b"PING" is answered with b"PONG", b"ECHO text" with b"text", anything else with b"?"."""
    return b""  # your turn
