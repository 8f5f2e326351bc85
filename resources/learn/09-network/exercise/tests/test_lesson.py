from protocol import answer

assert answer(b"PING") == b"PONG", "PING is answered with PONG"
assert answer(b"ECHO good morning") == b"good morning", "ECHO sends back what follows"
assert answer(b"") == b"?", "nothing is answered with ?"
assert answer(b"PINGS") == b"?", "what is not known is answered with ?"
