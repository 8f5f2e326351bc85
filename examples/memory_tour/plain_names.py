# Sixteen numbers, each with a name that the module keeps while it is loaded.

SPEED = 11
WIDTH = 18
HEIGHT = 25
DEPTH = 32
FIRST = 39
LAST = 46
STEP = 53
LIMIT = 60
RED = 67
GREEN = 74
BLUE = 81
WHITE = 88
LEFT = 95
RIGHT = 102
TOP = 109
BOTTOM = 116


def total():
    return SPEED + WIDTH + HEIGHT + DEPTH + FIRST + LAST + STEP + LIMIT + more()


def more():
    return RED + GREEN + BLUE + WHITE + LEFT + RIGHT + TOP + BOTTOM
