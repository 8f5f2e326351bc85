"""The size report of a large firmware: an ELF file of 5 MB, 20 000 functions, with its map.

    python -m tests.bench.bench_firmware_size [--rounds 5]

gcc links 40 sources of 500 functions each. Prints min and median, also of the
processor's time alone (other programs may be at work); asserts no time. The goal is 2 s for 2 MB.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from toolchains.firmware import size_compare, sizes

_FILES, _FUNCTIONS = 40, 500
_FUNCTION = """int f{file}_{n}(int *x) {{
    for (int i = 0; i < {n}; i++) x[i] = x[i] * {n} + x[i + 1] / (i + {file} + 1) - (x[i] ^ x[i + {n}]);
    return x[{n}];
}}
"""


def make(folder: Path) -> Path:
    """The ELF file; its map is beside it."""
    for file in range(_FILES):
        text = "".join(_FUNCTION.format(file=file, n=n) for n in range(_FUNCTIONS))
        (folder / f"part{file}.c").write_text(text, "utf-8")
    (folder / "main.c").write_text("int main(void) { return 0; }\n", "utf-8")
    sources = [path.name for path in sorted(folder.glob("*.c"))]
    line = ["gcc", "-O0", "-ffunction-sections", "-Wl,-Map=firmware.map", "-o", "firmware.elf", *sources]
    subprocess.run(line, cwd=folder, check=True)
    return folder / "firmware.elf"


def main() -> None:
    """Make it, weigh it, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as place:
        elf = make(Path(place))
        seconds, processor = [], []
        for _round in range(rounds):
            start, began = time.perf_counter(), time.process_time()
            found = sizes.read(elf, elf.with_suffix(".map"))
            rows = size_compare.compare(found, found, size_compare.by_symbol)
            seconds.append(time.perf_counter() - start)
            processor.append(time.process_time() - began)
        out = sys.stdout
        out.write(f"{elf.stat().st_size / 1e6:.1f} MB, {len(found.pieces)} pieces, {len(rows)} rows\n")
        for title, row in (("whole", seconds), ("processor", processor)):
            out.write(f"{title:<10} min {min(row):.2f} s   median {statistics.median(row):.2f} s   n={rounds}\n")


if __name__ == "__main__":
    main()
