"""Lines such as "12:03:07 WARN  wifi: signal -81 dBm", taken apart by a regular expression."""

import re

_LINE = re.compile(r"^(\d\d):(\d\d):(\d\d) +(INFO|WARN|FAIL) +(\w+): (.*)$")
_NUMBER = re.compile(r"-?\d+")


def parse(line):
    """Seconds since midnight, level, part, text; None if this is no line of a log."""
    found = _LINE.match(line)
    if not found:
        return None
    hours, minutes, seconds = (int(found.group(n)) for n in (1, 2, 3))
    return (hours * 60 + minutes) * 60 + seconds, found.group(4), found.group(5), found.group(6)


def first_number(text):
    found = _NUMBER.search(text)
    return int(found.group(0)) if found else None


def hide(line, secret=re.compile(r"key=\w+")):
    """The line without what nobody else should read."""
    return secret.sub("key=***", line)
