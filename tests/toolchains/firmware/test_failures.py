"""What ends a firmware's build, in words: real output of make, GCC, lld, CMake and ESP-IDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolchains.firmware.failures import explain, patterns

#: Of each cause, what a tool printed, and a piece of what is said.
SAID = {
    "disk-full": ("cc1: fatal error: error writing to x.s: No space left on device", "disk is full"),
    "module-folder": ("../../py/py.mk:37: *** USER_C_MODULES doesn't exist: /b/modules.  Stop.", "/b/modules"),
    "frozen-python": ('Traceback:\n  File "greet/x.py", line 3\nSyntaxError: invalid syntax', "x.py cannot be frozen"),
    "manifest-package": ("Error in manifest file: m.py: Package 'aiobel' not found in any known library.", "aiobel"),
    "manifest-name": ("Error in manifest file: m.py: name 'freez' is not defined", "freez"),
    "manifest": ("Error in manifest file: m.py: [Errno 2] No such file: 'x'", "m.py is wrong"),
    "no-library": ("Error: micropython-lib submodule is not initialized. Run 'make submodules'", "micropython-lib"),
    "region": ("ld: region `iram0_0_seg' overflowed by 2048 bytes", "2.0 kB too much for the memory iram0_0_seg"),
    "app-partition": (
        "Error: app partition is too small for binary micropython.bin size 0x1f3000:\n"
        "  - Part 'factory' 0/0 @ 0x10000 size 0x1f0000 (overflow 0x3000)",
        "12 kB larger than its partition",
    ),
    "twice": ("ld: a.o: multiple definition of `add'; b.o: first defined here", "add is defined twice"),
    "undefined": ("ld.lld: error: undefined symbol: mp_hal_ticks_ms\n>>> referenced by x.c", "mp_hal_ticks_ms is used"),
    "idf-board": ("CMake Error: Invalid BOARD specified: ESP33", "no board ESP33"),
    "idf-variant": ("Invalid BOARD_VARIANT specified: OCTO", "no variant OCTO"),
    "idf-component": ("ERROR: Cannot process component requirements", "could not be downloaded"),
    "idf-network": ("ERROR: Cannot establish a connection to the component registry", "could not be downloaded"),
    "idf-lock": ("warning: dependencies.lock.esp32 has changed", "not the version"),
    "idf-part": (
        "Include directory '/esp-idf/components/mbedtls/mbedtls/include' is\n  not a directory.",
        "lacks a part of itself: mbedtls",
    ),
    "idf-python": ("The following Python requirements are not satisfied:\n- click", "not complete"),
    "tool": ("make: arm-none-eabi-gcc: No such file or directory", "arm-none-eabi-gcc"),
    "memory": ("gcc: fatal error: Killed signal terminated program cc1", "too little memory"),
    "idf-target": ("sdkconfig was generated for target 'esp32', but CMakeCache.txt says esp32s3", "chip: esp32"),
    "idf-unknown": ("Failed to resolve component 'led' required by component 'main'", "no component led"),
    "rule": ("ninja: error: '/b/modules/0-fast/slow.c', needed by 'x.o', missing and no known rule", "slow.c"),
    "header": ("x.c:1:10: fatal error: lwip/x.h: No such file or directory", "lwip/x.h"),
    "cmake": ("CMake Error at main/CMakeLists.txt:12 (include):\n  include could not find x", "CMakeLists.txt"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(SAID))
def test_each_cause_is_said_in_words(kind: str) -> None:
    output, words = SAID[kind]
    found = explain(f"CC ../../py/vm.c\n{output}\nmake: *** [Makefile:1: x] Error 1", {})
    assert found.id == kind
    assert words in str(found.why)
    assert str(found.step)


@pytest.mark.parametrize(
    ("output", "kind", "words"),
    [
        ("make: *** No rule to make target 'board/x.c', needed by 'x.o'.  Stop.", "rule", "x.c is needed"),
        (
            "Error: All app partitions are too small for binary micropython.bin size 0x1f3000:\n"
            "  - Part 'ota_0' 0/16 @ 0x10000 size 0x180000 (overflow 0x3000)",
            "app-partition",
            "12 kB larger",
        ),
        (
            "ERROR: application overflows allocated space of 1572864 bytes by 12288 bytes",
            "app-partition",
            "12 kB larger",
        ),
        ("Invalid MICROPY_BOARD specified: ESP33", "idf-board", "no board ESP33"),
        ("The CMAKE_C_COMPILER:\n\n    xtensa-esp32s3-elf-gcc\n\n  is not a full path", "tool", "xtensa-esp32s3-elf"),
    ],
)
def test_other_tools_say_it_otherwise(output: str, kind: str, words: str) -> None:
    found = explain(output, {})
    assert (found.id, words in str(found.why)) == (kind, True)


def test_every_pattern_has_its_output_here() -> None:
    assert {kind for kind, _pattern in patterns()} == set(SAID)


def test_places_are_those_of_the_persons_files() -> None:
    output = "/b/modules/0-fast/fast.c:7:3: error: expected ';' before 'x'\nmake: *** Error 1"
    found = explain(output, {Path("/b"): Path("/never"), Path("/b/modules/0-fast"): Path("/home/me/my proj/fast")})
    assert found.id == "compile"
    assert [(one.path, one.line) for one in found.diagnostics] == [("/home/me/my proj/fast/fast.c", 7)]
    assert explain("nothing that anybody knows", {}).id == "unknown"
