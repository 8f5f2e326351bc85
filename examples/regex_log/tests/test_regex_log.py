# Runs on the board.
from loglines import first_number, hide, parse

assert parse("00:01:02 INFO a: b") == (62, "INFO", "a", "b")
assert parse("23:59:59 FAIL  x1: ") == (86399, "FAIL", "x1", "")
for wrong in ("", "1:2:3 INFO a: b", "00:01:02 NOTE a: b", " 00:01:02 INFO a: b", "00:01:02 INFO a b"):
    assert parse(wrong) is None, wrong
print("lines are taken apart, and others are skipped")

assert (first_number("-81 dBm"), first_number("in 3 of 4"), first_number("none")) == (-81, 3, None)
assert hide("key=abc_1 and key=x.") == "key=*** and key=***."
print("numbers are found, and secrets are hidden")
