"""Failures of the compiler, with GCC and clang: found, cured, built, and taken back to the byte."""

from __future__ import annotations

import pytest

from tests.toolchains.doctor.patients import Sick, Ward
from tests.toolchains.doctor.sick import COMPILED
from tests.toolchains.natmods import HEAD, INIT, module
from toolchains import natmod, project
from toolchains.build_errors import MissingSource
from toolchains.chips import arch
from toolchains.doctor import diagnose
from toolchains.edits import apply
from toolchains.errors import StudioError
from toolchains.natmod import BuildRequest, BuildResult
from toolchains.text import _

#: Architecture and compiler: clang, and GCC twice.
WAYS = (("rv32imc", "zig"), ("rv32imc", "gcc"), ("xtensawin", None))


def _name(value: object) -> str | None:
    return value.cause if isinstance(value, Sick) else None


def _failure(ward: Ward, arch_name: str, pin: str | None) -> StudioError:
    outcome = ward.attempt(arch_name, pin)
    assert isinstance(outcome, StudioError)
    return outcome


@pytest.mark.parametrize(("arch_name", "pin"), WAYS)
@pytest.mark.parametrize("sick", COMPILED, ids=_name)
def test_cured(ward: Ward, sick: Sick, arch_name: str, pin: str | None) -> None:
    ward.admit(sick)
    before = ward.contents()
    found, result = ward.heal(arch_name, pin)
    assert sick.cause in {one.cause_id for one in found}
    assert result.path.is_file()
    ward.take_back()
    assert ward.contents() == before


TOLD = (
    Sick("undeclared", {"small.c": module("    return mp_obj_new_int(brightness_of_the_lamp);")}),
    Sick("header", {"small.c": module(before="#include <driver/gpio.h>\n")}),
    Sick("compile", {"small.c": module("    struct { int a; } s;\n    return s;")}),
)


@pytest.mark.parametrize(("arch_name", "pin"), WAYS)
@pytest.mark.parametrize("sick", TOLD, ids=_name)
def test_told(ward: Ward, sick: Sick, arch_name: str, pin: str | None) -> None:
    ward.admit(sick)
    found = ward.look(_failure(ward, arch_name, pin))
    assert [(one.cause_id, one.fix) for one in found] == [(sick.cause, None)]
    if sick.cause == "header":
        assert "ESP-IDF" in str(found[0].explanation)


@pytest.mark.parametrize(("arch_name", "pin"), WAYS)
def test_a_slip_is_corrected_where_it_is(ward: Ward, arch_name: str, pin: str | None) -> None:
    ward.admit(Sick("misspelt", {"small.c": module("    return mp_obj_new_imt(mp_obj_get_int(x) + 2);")}))
    found, result = ward.heal(arch_name, pin)
    assert "mp_obj_new_int" in str(found[0].fix and found[0].fix.title)
    assert result.path.is_file()


def test_missing_file(ward: Ward) -> None:
    """Somebody deleted it since the project was opened."""
    ward.admit(Sick("missing-file", {"small.c": module(), "old.c": "int old;\n"}, 'sources = ["small.c", "old.c"]'))
    loaded = project.load(ward.folder)
    (ward.folder / "old.c").unlink()
    request = BuildRequest(loaded, arch("rv32imc"), ward.sdk, ward.compilers("rv32imc"))
    with pytest.raises(MissingSource) as caught:
        natmod.build(ward.build.ctx, request, ward.build.linkers)
    (found,) = diagnose(caught.value, loaded, ward.sdk)
    assert found.cause_id == "missing-file"
    assert found.fix is not None
    found.fix.apply()
    assert project.load(ward.folder).sources == ("small.c",)
    for name in ("rv32imc", "xtensawin"):
        assert isinstance(ward.attempt(name), BuildResult)


def test_a_makefile_gets_what_natmod_toml_would(ward: Ward) -> None:
    text = module("    return mp_obj_new_float(other(mp_obj_get_int(x)));", "int other(int x);\n")
    ward.folder.mkdir()
    (ward.folder / "Makefile").write_text(
        "# mine\nMPY_DIR = ../micropython\nMOD = small\nSRC = small.c # the module\nARCH ?= x64\n"
        "include $(MPY_DIR)/py/dynruntime.mk\n"
    )
    (ward.folder / "small.c").write_text(text)
    (ward.folder / "other.c").write_text("int other(int x) {\n    return x + 2;\n}\n")
    before = ward.contents()
    found, _result = ward.heal("rv32imc")
    assert {one.cause_id for one in found} == {"floats-off", "own-source"}
    makefile = (ward.folder / "Makefile").read_text()
    assert "SRC = small.c other.c # the module" in makefile
    assert "MICROPY_FLOAT_IMPL = float\ninclude" in makefile
    ward.take_back()
    assert ward.contents() == before


def test_a_lone_file_gets_a_natmod_toml(ward: Ward) -> None:
    ward.folder.mkdir()
    (ward.folder / "small.c").write_text(HEAD + '#include "two.h"\n' + module("    return x;").removeprefix(HEAD))
    (ward.folder / "inc").mkdir()
    (ward.folder / "inc" / "two.h").write_text("#define TWO 2\n")
    found, _result = ward.heal("rv32imc")
    assert [one.cause_id for one in found] == ["header"]
    assert project.load(ward.folder).include == ("inc",)
    ward.take_back()
    assert not (ward.folder / "natmod.toml").exists()


def test_what_is_on_the_screen_counts(ward: Ward) -> None:
    """The window has text that is not saved: the fix is made for that."""
    ward.admit(Sick("old-macro", {"small.c": module().replace("static", "STATIC")}))
    path = ward.folder / "small.c"
    error = _failure(ward, "rv32imc", "zig")
    shown = "// a line that is not saved\n" + path.read_text()
    loaded = project.load(ward.folder)
    (found,) = diagnose(error, loaded, ward.sdk, read=lambda one: shown if one == path else one.read_text())
    assert found.fix is not None
    assert all(shown[edit.start : edit.end] == "STATIC" for edit in found.fix.edits)
    with pytest.raises(StudioError, match="was not changed"):
        found.fix.apply()
    assert path.read_text().startswith(HEAD + "STATIC")


def test_nonsense_is_no_trouble(ward: Ward) -> None:
    """A file of anything: no fix, no exception."""
    text = HEAD + "static int (((\n'\"/*" + INIT
    ward.admit(Sick("compile", {"small.c": text}))
    for one in ward.look(_failure(ward, "rv32imc", "zig")):
        assert one.cause_id in ("syntax", "compile")
        if one.fix is not None:
            apply(_("x"), one.fix.edits).undo()
    assert (ward.folder / "small.c").read_text() == text
