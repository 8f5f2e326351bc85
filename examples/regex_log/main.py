# Reads a log with MicroPython's small "re".
import re

from loglines import first_number, hide, parse

LOG = """\
12:03:01 INFO  wifi: joined with key=s3cret
12:03:07 WARN  wifi: signal -81 dBm
this line is broken
12:04:00 FAIL  sensor: no answer after 3 tries
"""

for line in LOG.rstrip().split("\n"):
    parts = parse(hide(line))
    if parts is None:
        print("skipped:", line)
        continue
    seconds, level, part, text = parts
    print(seconds, level, part, "|", text, "|", first_number(text))

print(re.compile(r" *[,;] *").split("red, green;blue"))

# Small means: not everything that a PC has is there. Some of it says so,
for pattern in (r"(?P<hour>\d+)", r"\d+(?= dBm)"):
    try:
        re.compile(pattern)
        print(pattern, "is understood")
    except ValueError as error:
        print(pattern, "is refused:", error)

# and some does not: this asks for "a{2}", letter for letter.
print("a{2} finds aa:", re.match("a{2}", "aa") is not None)
