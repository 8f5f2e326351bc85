"""What does not link, looked for at each pause in typing: milliseconds for the examples, and for long texts.

    python -m tests.bench.bench_live_remarks [--rounds 20]

Goals: 2 ms for a usual module; 50 ms for the longest text that is looked at. Asserts no time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from toolchains.c_text import blanked
from toolchains.host import Host
from toolchains.linkable import linkable, own_names
from toolchains.live_remarks import LONGEST, Around, of_c
from toolchains.paths import examples
from toolchains.toolbox import Toolbox


def main() -> None:
    """Of the newest MicroPython that is here."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with Toolbox.of(Host.current()) as box:
        sdk = box.sdks.best_for(None)
    if sdk is None:
        raise SystemExit("Build something first: there are no MicroPython sources here.")
    began = time.perf_counter()
    known = linkable(sdk)
    print(f"names of MicroPython {sdk.version}: {(time.perf_counter() - began) * 1000:.0f} ms, once")
    texts = {str(path.relative_to(examples())): path.read_text("utf-8") for path in sorted(examples().glob("*/*.c"))}
    longest = max(texts.values(), key=len)
    texts["as long as may be"] = longest * (LONGEST // len(longest))
    wrong = 'int f(void) {{ return mp_obj_equal(x, {}) + printf("a"); }}\n'
    texts["as long, all wrong"] = "".join(wrong.format(number) for number in range(LONGEST // 70))[:LONGEST]
    texts["longer"] = "x" * (LONGEST + 1)
    for name, text in texts.items():
        times = []
        for _round in range(rounds):
            blanked.cache_clear()
            own_names.cache_clear()  # after each pause the text is another
            began = time.perf_counter()
            found = of_c(Path("a.c"), text, known, None, Around(arch="rv32imc"))
            times.append((time.perf_counter() - began) * 1000)
        said = f"median {statistics.median(times):.2f}, worst {max(times):.2f} ms, {len(found)} remarks"
        print(f"{name}, {len(text) / 1000:.1f} kB: {said}")


if __name__ == "__main__":
    main()
