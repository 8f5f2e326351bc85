"""Symbols of a library's members, read quickly, are those that pyelftools reads."""

from __future__ import annotations

import io
from itertools import islice

import pytest
from ar import Archive
from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tests.toolchains.natmods import Builder
from toolchains.quick_elf import QuickElf


@pytest.mark.parametrize("arch_name", ["x64", "rv32imc"])
def test_it_reads_what_pyelftools_reads(build: Builder, arch_name: str) -> None:
    library = build.compiler(arch_name, "gcc").libgcc
    assert library is not None
    with library.open("rb") as file:
        archive, seen = Archive(file), 0
        for member in islice(archive, 60):
            data = archive.open(member.name, "rb").read()
            quick = QuickElf(io.BytesIO(data)).get_section_by_name(".symtab")
            slow = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab")
            if quick is None or not isinstance(slow, SymbolTableSection):
                assert (quick, slow) == (None, None)
                continue
            for mine, theirs in zip(quick.iter_symbols(), slow.iter_symbols(), strict=True):
                assert mine.name == theirs.name
                if theirs["st_info"]["bind"] in ("STB_GLOBAL", "STB_WEAK"):
                    assert mine["st_info"] == {"bind": theirs["st_info"]["bind"]}
                    undefined = theirs.entry["st_shndx"] == "SHN_UNDEF"
                    assert (mine.entry["st_shndx"] == "SHN_UNDEF") == undefined
                    seen += 1
    assert seen > 50


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x01\x02" + bytes(60), b"no ELF at all"])
def test_what_is_no_object_is_the_error_of_pyelftools(data: bytes) -> None:
    with pytest.raises(ELFError):
        QuickElf(io.BytesIO(data))
