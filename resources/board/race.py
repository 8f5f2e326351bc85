# A race: one function, made in several ways. The computer serves this file as the module natmod_race, and reads the
# lines that it prints (ide/board/race_lines.py); they are made to be read by people as well.
import gc
from time import ticks_diff, ticks_us

# A lap takes so long at least, in microseconds: the clock and the loop around the function then weigh nothing.
LAP = 30000
# All laps of one way take about so long, but there are three at least.
ALL = 1000000
MOST = 10


def run(lap, *ways):
    # lap(module) does the work once and returns what came out; each way is the name of a module.
    print("race:", " ".join(ways))
    first = None
    for way in ways:
        try:
            module = __import__(way)
            result = lap(module)
            if first is None:
                first = [result]
            elif result != first[0]:
                print("race: {} differs: {}".format(way, difference(result, first[0])))
                continue
            measure(way, lap, module)
        except SyntaxError as error:  # its decorator is unknown: the firmware makes no machine code
            print("race: {} left out: {!r}".format(way, error))
        except Exception as error:
            print("race: {} failed: {!r}".format(way, error))
    print("race: over")


def measure(way, lap, module):
    # The first one warms up, and tells how often the function is called in a lap, and how many laps there are.
    once = max(1, time(lap, module, 1))
    calls = max(1, LAP // once)
    laps = max(3, min(MOST, ALL // (once * calls)))
    for n in range(1, laps + 1):
        print("race: {} lap {} of {}: {} us for {}".format(way, n, laps, time(lap, module, calls), calls))


def time(lap, module, calls):
    gc.collect()
    start = ticks_us()
    for _ in range(calls):
        lap(module)
    return ticks_diff(ticks_us(), start)


def difference(one, other):
    try:
        for at in range(min(len(one), len(other))):
            if one[at] != other[at]:
                return "{!r} at {}, not {!r}".format(one[at], at, other[at])
        return "{} long, not {}".format(len(one), len(other))
    except TypeError:
        return "{!r}, not {!r}".format(one, other)
