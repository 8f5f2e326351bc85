"""Failures of the link, with the real compilers: found, cured, built, and taken back to the byte."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.toolchains.doctor.patients import Sick, Ward
from tests.toolchains.doctor.sick import (
    ALL_CALLS,
    ASSEMBLED,
    CALLS_OTHER,
    CLASH,
    CURED,
    DISTANCE,
    SHORT,
    TOLD,
    TWO,
    all_calls,
)
from tests.toolchains.natmods import module
from toolchains.errors import StudioError
from toolchains.hints import hints
from toolchains.link_stopped import stopped
from toolchains.linker import LinkStopped
from toolchains.natmod import BuildResult
from toolchains.sdk_tree import SdkTree
from toolchains.zig import Zig

ARCHES = ("rv32imc", "xtensawin")
#: Xtensa reaches these without any trouble; the linker of 1.29 knows memcpy.
NO_TROUBLE = {("static-variable", "xtensawin"), ("hidden-variable", "xtensawin")}
NO_TROUBLE_ON_1_29 = {("memory-functions", name) for name in ARCHES}


def _name(value: object) -> str | None:
    return value.cause if isinstance(value, Sick) else None


def _failure(ward: Ward, arch_name: str, pin: str | None = None) -> StudioError:
    outcome = ward.attempt(arch_name, pin)
    assert isinstance(outcome, StudioError)
    return outcome


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("sick", CURED, ids=_name)
def test_cured(ward: Ward, sick: Sick, arch_name: str) -> None:
    ward.admit(sick)
    before = ward.contents()
    found, result = ward.heal(arch_name)
    if (sick.cause, arch_name) in NO_TROUBLE | (NO_TROUBLE_ON_1_29 if ward.sdk.key >= (1, 29) else set()):
        assert {one.cause_id for one in found} <= {"entry-first"}
        return
    assert sick.cause in {one.cause_id for one in found}
    assert result.path.is_file()
    assert ward.contents() != before
    ward.take_back()
    assert ward.contents() == before


def test_the_compilers_own_functions_have_other_names_on_arm(ward: Ward) -> None:
    ward.admit(CURED[0])
    found, _result = ward.heal("armv7m")
    assert [one.cause_id for one in found] == ["runtime"]


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("sick", TOLD, ids=_name)
def test_told(ward: Ward, sick: Sick, arch_name: str) -> None:
    ward.admit(sick)
    (found,) = ward.look(_failure(ward, arch_name))
    assert (found.cause_id, found.fix) == (sick.cause, None)
    assert len(str(found.explanation)) > 40


def test_a_finding_has_its_line(ward: Ward) -> None:
    ward.admit(TOLD[0])
    (found,) = ward.look(_failure(ward, "rv32imc"))
    assert found.place is not None
    assert (found.place.path, found.place.line) == (ward.folder / "small.c", 2)


@pytest.mark.parametrize("arch_name", ARCHES)
def test_every_call_that_can_be_written_otherwise_builds_then(ward: Ward, arch_name: str) -> None:
    rows = {**hints().api, **hints().c_library}
    assert {name for name, row in rows.items() if row.call} == set(ALL_CALLS)
    ward.admit(Sick("not-in-table", {"small.c": all_calls()}))
    before = ward.contents()
    found, result = ward.heal(arch_name)
    assert {"not-in-table", "c-library"} <= {one.cause_id for one in found}
    assert result.path.is_file()
    ward.take_back()
    assert ward.contents() == before


def test_windows_line_ends_stay_and_the_new_lines_have_them(ward: Ward) -> None:
    ward.admit(CURED[0])
    for name in ("data", "static-variable", "no-entry"):
        sick = next(one for one in CURED if one.cause == name)
        ward.admit(sick)
        path = ward.folder / "small.c"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        before = path.read_bytes()
        ward.heal("rv32imc")
        assert not re.search(rb"(?<!\r)\n", path.read_bytes())
        ward.take_back()
        assert path.read_bytes() == before


def test_a_name_that_another_file_uses_is_left_to_the_person(ward: Ward) -> None:
    text = "static int count;\nint {0}(int x) {{\n    return count += x;\n}}\n"
    files = {"small.c": CALLS_OTHER + text.format("mine"), "other.c": text.format("other")}
    ward.admit(Sick("static-variable", files, TWO))
    found = ward.look(_failure(ward, "rv32imc"))
    assert {one.cause_id for one in found} == {"static-variable"}
    assert [one.fix for one in found] == [None] * len(found)


def test_mixed_constants(ward: Ward) -> None:
    ward.admit(Sick("mixed-constants", CLASH, TWO))
    before = ward.contents()
    found, result = ward.heal("xtensawin", "gcc")
    assert [one.cause_id for one in found if one.cause_id != "entry-first"] == ["mixed-constants"]
    assert result.together == ("small.c", "other.c")
    data = result.path.read_bytes()
    assert b"two" in data
    assert b"one of other" in data
    ward.take_back()
    assert ward.contents() == before
    assert isinstance(ward.attempt("rv32imc"), BuildResult)  # where nothing is mixed up, nothing is said


def test_entry_first(ward: Ward, sdk_tree: SdkTree) -> None:
    """The words of 1.29's linker as they were recorded; it is built with 1.26's. With a tree of 1.29, with that."""
    after = module("    return mp_obj_new_int(plus(mp_obj_get_int(x)));", "int plus(int x);\n")
    ward.admit(Sick("entry-first", {"small.c": after + "int plus(int x) {\n    return x + 2;\n}\n"}))
    before = ward.contents()
    if ward.sdk is not sdk_tree:
        found, _result = ward.heal("xtensawin")
        assert [one.cause_id for one in found] == ["entry-first"]
        ward.take_back()
    words = (
        'File "mpy_ld.py", line 1563, in build_mpy\n    assert len(jump) == env.entry_trampoline_len\nAssertionError\n'
    )
    error = stopped(ward.sdk, LinkStopped("AssertionError", words, "EM_XTENSA"), None)
    (told,) = ward.look(error)
    assert "mpy_init must not be the first code" in str(told.title)
    assert told.fix is not None
    undo = told.fix.apply()
    assert isinstance(ward.attempt("xtensawin"), BuildResult)
    assert ward.look(error)[0].fix is None
    undo.undo()
    assert ward.contents() == before


def test_relocation(ward: Ward, sdk_tree: SdkTree, tmp_path: Path) -> None:
    """The newer linker is offered, by its name, and used when it was chosen."""
    ward.sdk = sdk_tree
    ward.others["1.29.0"] = _as_1_29(sdk_tree, tmp_path / "mpy 1.29")
    ward.admit(Sick("relocation", {"small.c": CALLS_OTHER, "other.S": DISTANCE}, ASSEMBLED))
    before = ward.contents()
    found, result = ward.heal("xtensawin", "gcc")
    assert [one.cause_id for one in found] == ["relocation"]
    assert found[0].fix is not None
    assert "1.29.0" in str(found[0].fix.title)
    assert result.sdk_version == "1.29.0"
    ward.take_back()
    assert ward.contents() == before
    assert isinstance(ward.attempt("xtensawin", "gcc"), StudioError)
    (ward.folder / "other.S").write_text(SHORT)
    (told,) = ward.look(_failure(ward, "rv32imc", "gcc"))
    assert (told.cause_id, told.fix) == ("relocation", None)


def _as_1_29(tree: SdkTree, folder: Path) -> SdkTree:
    """1.26's tree with what 1.29's linker knows more: that relocation changes nothing."""
    for name in ("py", "tools"):
        shutil.copytree(tree.path / name, folder / name, ignore=shutil.ignore_patterns("mpremote", "*.c"))
    for name, pattern, new in (
        ("py/mpconfig.h", r"(MICROPY_VERSION_MINOR) \d+", r"\1 29"),
        ("py/mpconfig.h", r"(MICROPY_VERSION_MICRO) \d+", r"\1 0"),
        ("tools/mpy_ld.py", r"R_XTENSA_PDIFF32 = 59", "R_XTENSA_PDIFF32 = 62"),
    ):
        path = folder / name
        text, n = re.subn(pattern, new, path.read_text("utf-8"))
        assert n
        path.write_text(text, "utf-8")
    return SdkTree.open(folder)


def test_old_linker(ward: Ward, sdk_tree: SdkTree, sdk_1250: SdkTree, tmp_path: Path) -> None:
    ward.sdk, ward.others["1.26.1"] = sdk_1250, sdk_tree
    files = {"small.c": CALLS_OTHER, "rom.ld": "other = 0x40001000;\n"}
    ward.admit(Sick("externs", files, 'externs = "rom.ld"'))
    found, result = ward.heal("xtensawin")
    assert [one.cause_id for one in found] == ["externs"]
    assert result.sdk_version == "1.26.1"
    ward.take_back()
    (told,) = ward.look(_failure(ward, "rv32imc"))
    assert told.cause_id == "externs"


@pytest.mark.parametrize("arch_name", ARCHES)
def test_a_linker_that_knows_no_libraries(
    ward: Ward, sdk_tree: SdkTree, sdk_1250: SdkTree, tmp_path: Path, arch_name: str
) -> None:
    """A release of which no tree is here, of a .mpy version that the newer one writes too."""
    ward.sdk, ward.others["1.26.1"] = _without_libraries(sdk_1250, tmp_path / "mpy"), sdk_tree
    ward.admit(Sick("libraries", {"small.c": CALLS_OTHER}, 'libs = ["own.a"]'))
    _archive(ward, arch_name, "int other(int x) { return x + 2; }\n")
    found, result = ward.heal(arch_name)
    assert [one.cause_id for one in found] == ["libraries"]
    assert result.sdk_version == "1.26.1"
    assert result.path.is_file()
    ward.take_back()
    assert [one.cause_id for one in ward.look(_failure(ward, arch_name))] == ["libraries"]


def _archive(ward: Ward, arch_name: str, text: str) -> None:
    """``own.a`` in the project, made by the compiler that builds it."""
    ctx, source = ward.build.ctx, ward.folder / "other.c"
    source.write_text(text, "utf-8")
    compiler = ward.compilers(arch_name)
    zig = Zig.bundled(ctx.host)
    assert zig is not None
    ctx.run(
        [*compiler.command, *compiler.cflags, "-Os", "-fpic", "-fno-common", "-c", source.name, "-o", "other.o"],
        cwd=ward.folder,
    )
    ctx.run([zig.program, "ar", "rcsD", "own.a", "other.o"], cwd=ward.folder)
    source.unlink()


def _without_libraries(tree: SdkTree, folder: Path) -> SdkTree:
    for name in ("py", "tools"):
        shutil.copytree(tree.path / name, folder / name, ignore=shutil.ignore_patterns("mpremote", "*.c"))
    path = folder / "py/mpconfig.h"
    path.write_text(re.sub(r"(MICROPY_VERSION_MINOR) \d+", r"\1 24", path.read_text("utf-8")), "utf-8")
    return SdkTree.open(folder)
