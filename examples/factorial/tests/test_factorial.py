# Runs on the board: each assert stops with an error if the module is wrong.
import factorial


def raises(error, value):
    try:
        factorial.factorial(value)
    except error:
        return True
    return False


assert factorial.factorial(0) == 1
assert factorial.factorial(1) == 1
assert factorial.factorial(5) == 120
print("small numbers are right")

# 12! is the last one that fits into 32 bits.
assert factorial.factorial(12) == 479001600
print("12! = 479001600")

assert raises(ValueError, -1)
assert raises(ValueError, 1000)
assert raises(TypeError, "ten")
print("wrong arguments raise ValueError or TypeError")
