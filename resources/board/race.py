# A race: one function, made in several ways. The computer serves this file as the module natmod_race, and reads the
# lines that it prints (ide/board/race_lines.py); they are made to be read by people as well.
import gc
import io
import sys
from time import ticks_diff, ticks_us

# A lap takes so long at least, in microseconds: the clock then weighs nothing.
LAP = 30000
# All laps of one way take about so long, but there are three at least.
ALL = 1000000
MOST = 10
# So many laps are wanted, if any number is.
RUNS = 0
# The clock that counts the chip's cycles, None where there is none, and for how many microseconds it does not go round.
cycles = None
CYCLES_FOR = 0


def run(lap, *ways, begin=None, result=None):
    # lap(module) does the work once and returns what came out; each way is the name of a module. begin() is called
    # before a way's first lap and before its others; result(what came out) is what has to be equal.
    print("race:", " ".join(ways))
    clock()
    loop()
    first = None
    for way in ways:
        try:
            module = load(way)
            if begin:
                begin()
            out = lap(module)
            out = frozen(result(out) if result else out)
            if first is None:
                first = [out]
            elif not same(out, first[0]):
                print("race: {} differs: {}".format(way, difference(out, first[0])))
                continue
            if begin:
                begin()
            measure(way, lap, module)
        except SyntaxError as error:  # its decorator is unknown: the firmware makes no machine code
            print("race: {} left out: {!r}".format(way, error))
        except Exception as error:
            print("race: {} failed: {!r}".format(way, error))
        module = None
        sys.modules.pop(way, None)
    print("race: over")


def chip_only(why, *ways):
    # For what a simulator has not.
    print("race:", " ".join(ways))
    for way in ways:
        print("race: {} chip only: {}".format(way, why))
    print("race: over")


def measure(way, lap, module):
    # The first one warms up, and tells how often the function is called in a lap, and how many laps there are.
    once = max(1, time(lap, module, 1)[0])
    if once < 1000:
        once = max(1, time(lap, module, 100)[0] // 100)
    calls = max(1, LAP // once)
    laps = RUNS or max(3, min(MOST, ALL // (once * calls)))
    gc.collect()
    kept = gc.mem_alloc()
    for n in range(1, laps + 1):
        us, ticks = time(lap, module, calls)
        print("race: {} lap {} of {}: {} us for {}{}".format(way, n, laps, us, calls, counted(us, ticks)))
    gc.collect()
    kept = gc.mem_alloc() - kept
    print("race: {} heap: {} a call, {} kept after {}".format(way, allocated(lap, module), kept, laps * calls))


def time(lap, module, calls):
    gc.collect()
    clock = cycles or ticks_us
    tick = clock()
    start = ticks_us()
    for _ in range(calls):
        lap(module)
    us = ticks_diff(ticks_us(), start)
    return us, ticks_diff(clock(), tick)


def allocated(lap, module):
    # Bytes of heap that a call takes, whether it gives them back or not; -1: more than there is.
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    try:
        lap(module)
        return gc.mem_alloc() - before
    except MemoryError:
        return -1
    finally:
        gc.enable()


def nothing(module):
    pass


def loop():
    # What the race itself takes of each call: an empty function, raced. The computer takes it off.
    calls = 100
    while time(nothing, None, calls)[0] < LAP // 4:
        calls *= 2
    us, ticks = min(time(nothing, None, calls) for _ in range(3))
    print("race: loop: {} us for {}{}".format(us, calls, counted(us, ticks)))


def clock():
    # ticks_cpu() counts cycles if it goes as fast as the chip says that it does.
    global cycles, CYCLES_FOR
    cycles = None
    try:
        from machine import freq
        from time import ticks_cpu

        hz = freq()
        mhz = (hz[0] if isinstance(hz, tuple) else hz) / 1000000
    except (ImportError, NotImplementedError):
        return
    tick = ticks_cpu()
    start = ticks_us()
    while ticks_diff(ticks_us(), start) < 10000:
        pass
    tick = ticks_diff(ticks_cpu(), tick)
    if abs(tick / ticks_diff(ticks_us(), start) / mhz - 1) < 0.03:
        cycles = ticks_cpu
        CYCLES_FOR = int(500000000 / mhz)


def counted(us, ticks):
    return ", {} cycles".format(ticks) if cycles and us < CYCLES_FOR else ""


class Ram:
    # A filesystem of one file: what comes over the line would take the line's time.
    def __init__(self, name, data):
        self.name = name
        self.data = data

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def stat(self, path):
        if path.strip("/") != self.name:
            raise OSError(2)
        return (0x8000, 0, 0, 0, 0, 0, len(self.data), 0, 0, 0)

    def open(self, path, mode="r", *more):
        return io.BytesIO(self.data)


def load(way):
    try:
        from vfs import mount, umount
    except ImportError:
        from os import mount, umount
    gc.collect()
    heap = gc.mem_alloc()
    for name in (way + ".py", way + ".mpy"):
        try:
            with open(name, "rb") as file:
                ram = Ram(name, file.read())
            mount(ram, "/race")
            break
        except (OSError, MemoryError):
            pass
    else:
        return __import__(way)
    asked = [0]
    at = sys.modules.get("natmod_at")
    if at:
        sys.modules["natmod_at"] = lambda code: ask(at, code, asked)
    sys.path.insert(0, "/race")
    start = ticks_us()
    try:
        module = __import__(way)
        us = ticks_diff(ticks_us(), start) - asked[0]
    finally:
        sys.path.remove("/race")
        if at:
            sys.modules["natmod_at"] = at
        umount("/race")
    ram = file = None
    gc.collect()
    print("race: {} loaded: {} us, {} bytes".format(way, us, gc.mem_alloc() - heap))
    return module


def ask(at, code, asked):
    # The computer wants to know where a native module lies: that is no part of loading it.
    start = ticks_us()
    code = at(code)
    asked[0] += ticks_diff(ticks_us(), start)
    return code


def frozen(value):
    # The value as it is now: later laps may change what it is made of.
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, tuple):
        return tuple([frozen(one) for one in value])
    if isinstance(value, list) or hasattr(value, "__next__"):
        return [frozen(one) for one in value]
    if isinstance(value, dict):
        return {key: frozen(one) for key, one in value.items()}
    return value


def same(one, other):
    return one == other or repr(one) == repr(other)


def difference(one, other, at=""):
    try:
        if not isinstance(one, (str, bytes, tuple, list)) or not isinstance(other, type(one)):
            raise TypeError
        for n in range(min(len(one), len(other))):
            if not same(one[n], other[n]):
                return difference(one[n], other[n], "{}/{}".format(at, n) if at else str(n))
        at = " at " + at if at else ""
        return "{} long{}, not {}".format(len(one), at, len(other))
    except TypeError:
        return "{!r}{}, not {!r}".format(one, " at " + at if at else "", other)
