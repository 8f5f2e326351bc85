from signals import pattern

assert pattern(0) == [], "0 times: an empty list"
assert pattern(1) == ["on", "off"], "1 time: on, off"
assert pattern(3) == ["on", "off"] * 3, "3 times: six words"
