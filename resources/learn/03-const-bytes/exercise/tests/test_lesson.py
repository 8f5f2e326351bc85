from weather import pack, unpack

assert pack(215, 48) == b"\xd7\x00\x30", "215 and 48 are the bytes d7 00 30"
assert pack(-1, 100) == b"\xff\xff\x64", "a temperature below zero"
assert unpack(b"\xd7\x00\x30") == (215, 48), "unpack undoes pack"
assert unpack(pack(-400, 0)) == (-400, 0), "there and back"
