import door
import secret

assert secret.code() == 4711, "code() in secret.c must return 4711"
assert door.opens(4711) is True, "4711 opens the door"
assert door.opens(4712) is False, "any other number does not"
