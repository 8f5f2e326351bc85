"""Reading .mpy files, whole and damaged, and telling beforehand what a board would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolchains.bytecode import compile_py
from toolchains.jobs import JobContext
from toolchains.mpyfile import BadMpy, MpyFile, NotLoadable, arch_text, check_loads, flag_names, read

ESP32, RV32_SIM, C3_127, M7, M4, NO_NATIVE = 11014, 0x2F06, 12038, 0x2306, 0x1F06, 0x0306


def vuint(n: int) -> bytes:
    out = [n & 0x7F]
    while n := n >> 7:
        out.insert(0, 0x80 | n & 0x7F)
    return bytes(out)


def natmod(
    features: int = 0x2F,
    *,
    version: int = 6,
    small_int: int = 31,
    flags: Iterable[int] = (),
    code: bytes = b"\x13\x00\x00\x00" * 75,
    rodata: bytes = b"text\0",
    bss: int = 152,
) -> bytes:
    """A native module as mpy_ld.py lays it out, with two names of its own, a static one, and five adjusted words."""
    head = bytes([ord("M"), version, features, small_int]) + b"".join(vuint(f) for f in flags)
    names = b"".join(vuint(len(n) << 1) + n + b"\0" for n in (b"ring.mpy", b"Ring")) + vuint(57 << 1 | 1)
    scope = (0x20 if rodata else 0) | (0x40 if bss else 0) | 0x10
    sizes = (vuint(len(rodata)) if rodata else b"") + (vuint(bss) if bss else b"")
    relocations = (
        b"\x01\x08" + bytes([1 << 2 | 1 << 1 | 1]) + vuint(300) + vuint(2) + bytes([6 << 1, 40 << 1]) + b"\xff"
    )
    return (
        head
        + vuint(3)
        + vuint(0)
        + names
        + vuint(len(code) << 3 | 2)
        + code
        + vuint(scope)
        + sizes
        + rodata
        + relocations
    )


def compiled(folder: Path, text: str, **options: str) -> bytes:
    (folder / "x.py").write_text(text, "utf-8")
    compile_py(JobContext(), folder / "x.py", folder / "x.mpy", embedded_name="lib/x.py", **options)
    return (folder / "x.mpy").read_bytes()


PYTHON = """
import gc
TABLE = (1, "two", b"three", 4.5, (None, True, ...), 123456789012345678901234567890)
class Thing:
    def method(self, x=b"a longer constant"):
        return [lambda y: y + x for _ in range(3)]
"""


@pytest.fixture(scope="module")
def real_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("real")
    return [
        natmod(),
        compiled(folder, PYTHON),
        compiled(folder, PYTHON, arch="rv32imc", emit="native"),
        compiled(folder, "def f(a: int) -> int:\n    return a + 1\n", arch="xtensawin", emit="viper"),
        compiled(folder, "@micropython.asm_thumb\ndef f(r0):\n    add(r0, r0, 1)\n", arch="armv7m"),
    ]


# --- whole files ---------------------------------------------------------------------------------------------------


def test_a_native_module_tells_everything_about_itself() -> None:
    data = natmod()
    got = read(data)
    arch = got.native_arch
    assert arch is not None
    assert (got.version, got.sub_version, arch.name, got.arch_flags, got.small_int_bits) == (6, 3, "rv32imc", 0, 31)
    assert (got.source_name, got.qstrs, got.n_static_qstrs) == ("ring.mpy", ("ring.mpy", "Ring"), 1)
    assert got.sections == (("text", 300), ("rodata", 5), ("bss", 152))
    assert (got.relocations, got.trailing, got.file_size) == (1 + 2 + 1 + 1, 0, len(data))
    assert got.arch_name == "rv32imc"
    record = got.to_json()
    assert (record["schema"], record["arch"], record["bss"]) == (1, "rv32imc", 152)


def test_the_python_compilers_files_are_read_to_their_end(real_files: list[bytes]) -> None:
    _natmod, bytecode, native, viper, assembler = map(read, real_files)
    assert (bytecode.is_native, bytecode.native_arch, bytecode.arch_name, bytecode.text) == (False, None, "bytecode", 0)
    assert bytecode.source_name == "lib/x.py"
    assert bytecode.n_objects >= 2
    assert [mpy.arch_name for mpy in (native, viper, assembler)] == ["rv32imc", "xtensawin", "armv7m"]
    assert all(mpy.text > 0 for mpy in (native, viper, assembler))
    assert [read(data).trailing for data in real_files] == [0] * len(real_files)
    assert read(real_files[0] + b"more").trailing == 4


def test_architecture_flags_have_names() -> None:
    got = read(natmod(0x6F, flags=[1]))
    assert (got.arch_flags, got.to_json()["arch_flags"]) == (1, ["zba"])
    assert flag_names(11, 0b1011) == ("zba", "zcmp", "0x8")


def test_of_other_versions_the_header_is_read() -> None:
    assert read(b"M\x05\x00\x1f\xff\xff").version == 5
    assert read(b"M\x07\x2f\x1f\xff\xff").version == 7


# --- damaged files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not begin"),
        (b"#!/usr/bin/python", "does not begin"),
        (b"C\x06\x00\x1f", "CircuitPython"),
        (b"M\x06", "too early"),
        (natmod(0xAF), "no known version"),
        (b"M\x06\x2f\x1f" + b"\xff" * 9, "far too large"),
        (b"M\x06\x2f\x1f\x90\x00\x00", "too early"),
        (b"M\x06\x00\x1f\x01\x00\x02aX", "not ended"),
        (b"M\x06\x00\x1f\x00\x01\x0b", "unknown kind"),
        (b"M\x06\x00\x1f\x00\x01" + b"\x0a\x01" * 100 + b"\x01" * 100, "unknown kind"),
        (b"M\x06\x00\x1f\x00\x00" + b"\x04\x01" * 100, "nested too deeply"),
    ],
)
def test_a_damaged_file_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadMpy, match=words):
        read(data)


def test_a_file_cut_short_anywhere_is_noticed(real_files: list[bytes]) -> None:
    for data in real_files:
        for length in range(len(data)):
            with pytest.raises(BadMpy):
                read(data[:length])


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300).map(lambda body: b"M\x06\x2f\x1f" + body) | st.binary(max_size=50))
def test_no_bytes_give_anything_but_a_file_or_a_sentence(data: bytes) -> None:
    with suppress(BadMpy):
        assert read(data).file_size == len(data)


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_flipped_bytes_of_real_files_are_harmless(real_files: list[bytes], data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(real_files)))
    for _flip in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadMpy):
        check(read(bytes(damaged)), RV32_SIM)


# --- will it load? -------------------------------------------------------------------------------------------------


def check(mpy: MpyFile, board: int) -> str | None:
    try:
        check_loads(mpy, board)
    except NotLoadable as error:
        return str(error.fields["reason"])
    return None


@pytest.mark.parametrize(
    ("features", "board", "refused_for"),
    [
        (0x2F, RV32_SIM, None),
        (0x2F, 0x32F06, None),
        (0x2F, ESP32, "arch"),
        (0x2B, ESP32, None),
        (0x2B, C3_127, "arch"),
        (0x2E, RV32_SIM, "version"),
        (0x2F, 0x2E06, "version"),
        (0x2F, 0x2F05, "version"),
        (0x03, RV32_SIM, None),  # bytecode
        (0x00, RV32_SIM, None),  # bytecode: the sub-version does not matter
        (0x00, NO_NATIVE, None),
        (0x2F, NO_NATIVE, "arch"),
        (0x2F, 0, "none"),
        (0x13, M4, None),  # armv6m on a Cortex-M4
        (0x1F, M4, None),
        (0x23, M4, "arch"),  # armv7emdp on single precision
        (0x13, M7, None),
        (0x0F, M7, "arch"),  # armv6 is no Thumb
        (0x27, M7, "arch"),
        (0x2F, M7, "arch"),
    ],
)
def test_the_loaders_rules(features: int, board: int, refused_for: str | None) -> None:
    assert check(read(natmod(features)), board) == refused_for


def test_flags_must_all_be_there() -> None:
    module = read(natmod(0x6F, flags=[1]))
    assert check(module, 0x12F06) is None
    assert check(module, 0x32F06) is None
    assert check(module, 0x22F06) == "flags"
    assert check(module, RV32_SIM) == "flags"
    with pytest.raises(NotLoadable, match="chip lacks: zba"):
        check_loads(module, RV32_SIM)


def test_whole_numbers_of_a_pc_do_not_fit_into_a_board() -> None:
    assert check(read(natmod(small_int=63)), RV32_SIM) == "small-int"
    assert check(read(natmod(0x0B, small_int=63)), 0x0B06) is None


def test_the_sentence_names_both_sides_and_the_way_out() -> None:
    with pytest.raises(NotLoadable) as caught:
        check_loads(read(natmod(0x2B)), RV32_SIM)
    assert str(caught.value) == (
        "This module was built for xtensawin (ESP32, ESP32-S2, ESP32-S3); the board is rv32imc"
        " (ESP32-C2, ESP32-C3, ESP32-C5, ESP32-C6, ESP32-H2, ESP32-P4). Build it for rv32imc."
    )
    with pytest.raises(
        NotLoadable, match=r"6\.3 \(MicroPython 1\.23 and newer\); the board reads 6\.2 \(MicroPython 1\.22\)"
    ):
        check_loads(read(natmod()), 0x2E06)
    assert [arch_text(n) for n in (3, 9, 15)] == ["armv6", "xtensa", "#15"]
