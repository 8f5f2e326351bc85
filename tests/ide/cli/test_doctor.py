"""``natmod doctor`` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ide.cli.said import Said
from tests.toolchains.doctor.sick import CURED
from tests.toolchains.natmods import module, write_project
from toolchains.doctor.classes import classes


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_it_is_told_cured_and_taken_back(natmod: Said, tmp_path: Path) -> None:
    text = module('    static int n;\n    printf("x");\n    return mp_obj_new_int(n++)', "#include <stdio.h>\n")
    folder = write_project(tmp_path / "sick one", {"small.c": text.replace("static mp", "STATIC mp")})
    before = _contents(folder)
    assert "natmod doctor" in natmod("build", folder)[2]
    code, out, _err = natmod("doctor", folder)
    assert code == 1
    assert "small.c:3: STATIC is of an older MicroPython" in out
    assert "--fix" in out
    assert _contents(folder) == before
    code, out, _err = natmod("doctor", folder, "--fix")
    assert code == 0
    assert "done: Put the semicolon" in out
    assert "natmod doctor --undo" in out
    assert natmod("build", folder)[0] == 0
    code, out, _err = natmod("doctor", folder, "--undo")
    assert (code, _contents(folder)) == (0, before)
    code, _out, err = natmod("doctor", folder, "--undo")
    assert code == 1
    assert "no fix to take back" in err


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_what_the_person_decided_is_changed_only_by_its_name(natmod: Said, tmp_path: Path) -> None:
    sick = next(one for one in CURED if one.cause == "too-big")
    folder = write_project(tmp_path / "p", sick.files, sick.toml)
    before = _contents(folder)
    code, out, _err = natmod("doctor", folder, "--fix")
    assert (code, _contents(folder)) == (1, before)
    assert "--fix --only too-big" in out
    assert natmod("doctor", folder, "--fix", "--only", "too-big")[0] == 0
    assert _contents(folder) != before


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_a_project_that_is_well(natmod: Said, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"small.c": module()})
    assert natmod("doctor", folder)[:2] == (0, "The project is well.\n")
    code, (record,) = natmod.records("doctor", folder)
    assert (code, record["ok"], record["findings"]) == (0, True, [])


@pytest.mark.usefixtures("warm_home", "sdk_tree")
def test_a_finding_as_a_record(natmod: Said, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", CURED[0].files, CURED[0].toml)
    code, (record,) = natmod.records("doctor", folder)
    (finding,) = record["findings"]
    assert (code, record["ok"], finding["cause"]) == (1, False, "runtime")
    assert finding["fix"] == "Add what the compiler needs"


def test_the_list_of_causes(natmod: Said) -> None:
    code, out, _err = natmod("doctor", "--list")
    assert code == 0
    for one in classes():
        assert one.test in out
    code, records = natmod.records("doctor", "--list")
    assert [one["id"] for one in records] == [one.id for one in classes()]
