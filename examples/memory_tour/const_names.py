# The same numbers. const() and the leading underscore: the number is put where the name stands, and no name is kept.

from micropython import const

_SPEED = const(11)
_WIDTH = const(18)
_HEIGHT = const(25)
_DEPTH = const(32)
_FIRST = const(39)
_LAST = const(46)
_STEP = const(53)
_LIMIT = const(60)
_RED = const(67)
_GREEN = const(74)
_BLUE = const(81)
_WHITE = const(88)
_LEFT = const(95)
_RIGHT = const(102)
_TOP = const(109)
_BOTTOM = const(116)


def total():
    return _SPEED + _WIDTH + _HEIGHT + _DEPTH + _FIRST + _LAST + _STEP + _LIMIT + more()


def more():
    return _RED + _GREEN + _BLUE + _WHITE + _LEFT + _RIGHT + _TOP + _BOTTOM
