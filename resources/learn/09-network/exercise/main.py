import protocol

print(protocol.answer(b"PING"))
