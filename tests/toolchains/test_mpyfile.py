"""Reading .mpy files of all versions, whole and damaged."""

from __future__ import annotations

import ast
import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.toolchains.mpys import READ, natmod, natmod_5, real_files, vuint
from toolchains.errors import DiskError
from toolchains.mpy_loads import Loader, NotLoadable, check_loads
from toolchains.mpy_parts import static_name
from toolchains.mpyfile import BadMpy, Function, arch_text, flag_names, read, read_file
from toolchains.sdk_tree import SdkTree


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return real_files(tmp_path_factory.mktemp("real"))


# --- whole files ---------------------------------------------------------------------------------------------------


def test_a_native_module_tells_everything_about_itself() -> None:
    data = natmod()
    got = read(data)
    arch = got.native_arch
    assert arch is not None
    assert (got.version_text, arch.name, got.arch_flags, got.small_int_bits) == ("6.3", "rv32imc", None, 31)
    assert (got.source_name, got.qstrs, got.static_qstrs) == ("ring.mpy", ("ring.mpy", "Ring"), ("abs",))
    assert got.sections == (("text", 300), ("rodata", 5), ("bss", 152))
    assert got.functions == (Function("", "linked", 300, 0),)
    assert (got.relocations, got.trailing, got.file_size) == (1 + 2 + 1 + 1, 0, len(data))
    assert (got.arch_name, got.is_linked) == ("rv32imc", True)
    record = json.loads(json.dumps(got.to_json()))
    assert (record["schema"], record["arch"], record["arch_number"], record["bss"]) == (1, "rv32imc", 11, 152)
    assert record["functions"] == [{"name": "", "kind": "linked", "size": 300, "depth": 0}]


def test_version_5_keeps_the_same_module_in_another_layout() -> None:
    got = read(natmod_5())
    assert (got.version_text, got.arch_name, got.features) == ("5", "xtensawin", ("unicode",))
    assert (got.source_name, got.qstrs, got.static_qstrs) == ("", ("Ring",), ("abs",))
    assert got.sections == (("text", 300), ("rodata", 5), ("bss", 152))
    assert (got.relocations, got.trailing, got.is_linked) == (5, 0, True)


@pytest.mark.parametrize("mpy", READ)
def test_python_files_of_every_version_are_read_to_their_end(real: dict[str, bytes], mpy: tuple[int, int]) -> None:
    name = f"{mpy[0]}.{mpy[1]}"
    bytecode, native, viper, assembler = (
        read(real[f"{name} {kind}"]) for kind in ("bytecode", "native", "viper", "assembler")
    )
    names = ["<module>", "Thing", "method", "<listcomp>", "<lambda>"]
    for file, kind in ((bytecode, "bytecode"), (native, "native")):
        assert [(f.name, f.kind, f.depth) for f in file.functions] == [(n, kind, i) for i, n in enumerate(names)]
        assert file.source_name == "lib/x.py"
        assert {"Thing", "method", "TABLE", "errno"} <= set(file.qstrs)
        assert {"print", "OSError", "key"} <= set(file.static_qstrs)
        assert file.n_objects >= 1
    assert (bytecode.is_native, bytecode.arch_name, bytecode.text, bytecode.version_text) == (
        False,
        "bytecode",
        0,
        str(mpy[0]),
    )
    assert [file.arch_name for file in (native, viper, assembler)] == ["xtensawin", "x64", "armv7m"]
    assert [viper.functions[-1].kind, assembler.functions[-1].kind] == ["viper", "assembler"]
    assert all(file.text > 0 and file.version == mpy[0] for file in (native, viper, assembler))
    assert all(file.sub_version == mpy[1] for file in (native, viper, assembler))
    assert [file.trailing for file in (bytecode, native, viper, assembler)] == [0] * 4


def test_options_of_the_compiler_are_seen(real: dict[str, bytes]) -> None:
    cached, plain = read(real["5 map-cache"]), read(real["5.0 bytecode"])
    assert (cached.features, plain.features) == (("map-cache",), ("unicode",))
    assert cached.qstrs == plain.qstrs
    assert cached.bytecode > plain.bytecode
    assert read(real["6.3 rv32imc"]).to_json()["arch_flags"] == ["zba"]
    assert read(real["6.3 flags"]).arch_flags == 3
    assert flag_names(11, 0b1011) == ("zba", "zcmp", "0x8")


def test_of_unknown_versions_the_header_is_read() -> None:
    got = {version: read(bytes([ord("M"), version, 0x2F, 31, 0xFF, 0xFF])) for version in (2, 3, 4, 7)}
    assert [(v, file.version, file.is_native) for v, file in got.items()] == [
        (2, 2, False),
        (3, 3, False),
        (4, 4, True),
        (7, 7, True),
    ]


def test_bytes_after_the_end_are_counted(real: dict[str, bytes]) -> None:
    assert {read(data + b"more").trailing for data in real.values()} == {4}


def test_the_names_that_every_firmware_has_are_those_of_the_sources(sdk_tree: SdkTree) -> None:
    tree = ast.parse((sdk_tree.path / "py" / "makeqstrdata.py").read_text("utf-8"))
    [names] = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "static_qstr_list"
    ]
    assert [static_name(number) for number in range(1, len(names) + 2)] == [*names, f"#{len(names) + 1}"]


def test_a_number_without_an_architecture_stays_a_number() -> None:
    assert [arch_text(n) for n in (3, 9, 15)] == ["armv6", "xtensa", "#15"]


# --- damaged files -------------------------------------------------------------------------------------------------

_HEAD_5 = b"M\x05\x02\x1f\x20"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not begin"),
        (b"#!/usr/bin/python", "does not begin"),
        (b"MOD = factorial", "does not begin"),
        (b"C\x06\x00\x1f", "CircuitPython"),
        (b"M\x06", "too early"),
        (natmod(0xAF), "no known version"),
        (b"M\x06\x2f\x1f" + b"\xff" * 9, "far too large"),
        (b"M\x06\x2f\x1f\x90\x00\x00", "too early"),
        (b"M\x06\x00\x1f\x01\x00\x02aX", "not ended"),
        (b"M\x06\x00\x1f\x00\x01\x0b", "unknown kind"),
        (b"M\x06\x00\x1f\x00\x01" + b"\x0a\x01" * 100 + b"\x01" * 100, "unknown kind"),
        (b"M\x06\x00\x1f\x01\x00\x02a\0" + b"\x1c\0\2\0\1" * 100, "nested too deeply"),
        (b"M\x06\x00\x1f\x00\x00\x18\x00\x02\x00", "contradict"),  # the function's name is not in the table
        (b"M\x06\x00\x1f\x00\x00\x58" + b"\xff" * 11, "far too large"),
        (natmod(relocations=b"\x10\xff"), "outside"),  # no place was named
        (natmod(relocations=b"\x01\x96\x00\xff"), "outside"),
        (natmod(relocations=b"\x03" + vuint(2) + vuint(2**34) + b"\xff"), "outside"),
        (natmod(relocations=b"\x01\x03\x10\xff"), "outside"),  # the second word of five bytes
        (b"M\x05\x02\x1f\x21", "no known version"),
        (_HEAD_5 + b"\x10\0\0\0\7", "contradict"),
        (_HEAD_5 + b"\x1c\0\x08\0\7\3", "does not have"),
        (_HEAD_5 + b"\x00\0\x08\0\7\0\7", "contradict"),
        (_HEAD_5 + b"\x1c\0\x08\0\7\0\7\x11\0\7\0\0", "contradict"),
        (_HEAD_5 + b"\x18\0\x08\0\7\0\7\1\0x", "unknown kind"),
        (_HEAD_5 + b"\x18\0\x08\0\7\0\7\0\1" * 100, "nested too deeply"),
    ],
)
def test_a_damaged_file_gets_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadMpy, match=words):
        read(data)


def test_a_file_cut_short_anywhere_is_noticed(real: dict[str, bytes]) -> None:
    for data in real.values():
        for length in range(len(data)):
            with pytest.raises(BadMpy):
                read(data[:length])


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300).map(lambda body: b"M\x06\x2f\x1f" + body) | st.binary(max_size=50))
def test_no_bytes_give_anything_but_a_file_or_a_sentence(data: bytes) -> None:
    with suppress(BadMpy):
        assert read(data).file_size == len(data)


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_flipped_bytes_of_real_files_are_harmless(real: dict[str, bytes], data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(sorted(real.values()))))
    for _flip in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadMpy, NotLoadable):
        check_loads(read(bytes(damaged)), Loader(0x2F06))


@pytest.mark.parametrize(
    "data",
    [
        b"M\x06\x00\x1f\xff\xff\x7f\x00" + b"\x00" * 300_000,  # many empty names
        b"M\x06\x00\x1f\x00\x01\x0a\x92\xa7\x60" + b"\x01" * 300_000,  # one tuple of 300 000
        _HEAD_5 + b"\x92\xa7\x60" + b"\xff" * 300_000,  # a signature without end
        _HEAD_5 + vuint(300_000 << 2) + b"\0\x08\0\7\0\7" + b"\x20\x80" + b"\xff" * 300_000,  # a number without end
        natmod(relocations=b"\x01\x00" + b"\x10" * 300_000),
    ],
)
def test_what_claims_to_be_endless_ends_soon(data: bytes) -> None:
    began = time.process_time()
    with suppress(BadMpy):
        read(data)
    assert time.process_time() - began < 5


def test_what_is_no_file_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiskError):
        read_file(tmp_path)
    huge = tmp_path / "huge.mpy"
    with huge.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(BadMpy, match="larger than the memory"):
        read_file(huge)
