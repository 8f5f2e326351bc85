# Runs on the board. "factorial" is the module that was built from factorial.c.
import factorial

print("factorial(10) =", factorial.factorial(10))
