from micropython import const

_LED = const(2)  # the underscore: no name is kept, only the number
_LIMIT = const(100 * 10)


def describe():
    return "pin %d, at most %d" % (_LED, _LIMIT)


print(describe())
print("_LED" in globals())
