def answer(line):
    """b"PING" is answered with b"PONG", b"ECHO text" with b"text", anything else with b"?"."""
    if line == b"PING":
        return b"PONG"
    if line.startswith(b"ECHO "):
        return line[5:]
    return b"?"
