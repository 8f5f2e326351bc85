"""``natmod build``: many builds in one, what is missing, what fails, what changed, and where the files go."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ide.cli.said import Said
from tests.toolchains.natmods import module, write_project
from toolchains.chips import Arch, arches
from toolchains.compilers import Choice, CompilerFinder, NoCompiler
from toolchains.jobs import JobContext
from toolchains.text import _

pytestmark = pytest.mark.usefixtures("warm_home", "sdk_tree")

#: Those that zig compiles for on every machine that runs the tests.
SERVED = ("x64", "rv32imc")
LARGER = module("    return mp_obj_new_int(extra(mp_obj_get_int(x)) + 42);", "int extra(int x) { return x * x + 3; }\n")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_project(tmp_path / "small", {"small.c": module()})


@pytest.fixture
def few_compilers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with compilers for two architectures only."""
    choose = CompilerFinder.choose

    def only_two(self: CompilerFinder, ctx: JobContext, arch: Arch, pin: str | None = None, *more: object) -> Choice:
        if arch.name in SERVED:
            return choose(self, ctx, arch, "zig", *more)
        raise NoCompiler(_("None here."), next_step=_("Get one."))

    monkeypatch.setattr(CompilerFinder, "choose", only_two)


# --- variables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ARCH=xtensawin",), "natmod build --arch xtensawin"),
        (("--set", "MPY_DIR=/src/mp"), "natmod sdk add /src/mp"),
        (("CROSS=riscv-",), "--compiler NAME"),
        (("--set", "nonsense"), "--set CONFIG=int8"),
        (("CONFIG=int8",), "can only be set for a project with a Makefile"),
    ],
)
def test_a_variable_that_cannot_be_set_leads_to_what_can_be_done(
    natmod: Said, small: Path, words: tuple[str, ...], hint: str
) -> None:
    code, _out, err = natmod("build", *words, small)
    assert (code, err.count("Error: ")) == (2, 1)
    assert hint in err


def test_variables_reach_a_makefile_wherever_they_stand(natmod: Said, tmp_path: Path) -> None:
    makefile = (
        "MPY_DIR = ../..\nMOD = small\nSRC = $(NAME).c\nNAME = wrong\nARCH = x64\ninclude $(MPY_DIR)/py/dynruntime.mk\n"
    )
    (tmp_path / "right.c").write_text(module())
    (tmp_path / "Makefile").write_text(makefile)
    for words in (("NAME=right", tmp_path), (tmp_path, "NAME=right"), (tmp_path, "--set", "NAME=right")):
        code, out, err = natmod("build", *words, "--arch", "rv32imc")
        assert code == 0, err
        assert "small.mpy" in out
    assert natmod("build", tmp_path)[0] == 1


# --- many builds ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("few_compilers")
def test_all_builds_what_can_be_built_and_lists_the_rest(natmod: Said, small: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    code, out, err = natmod("build", small, "--arch", "all", "--dist", dist)
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert set(arches()) <= set(rows)
    assert all(("built" in rows[name]) == (name in SERVED) for name in arches())
    assert all(("no compiler" in rows[name]) == (name not in SERVED) for name in arches())
    assert "xtensawin: Get one." in out
    assert sorted(path.relative_to(dist).as_posix() for path in dist.rglob("*.mpy")) == [
        "rv32imc_6.3/small.mpy",
        "x64_6.3/small.mpy",
    ]
    assert natmod("build", small, "--arch", "all", "--strict")[0] == 1
    assert natmod("build", small, "--arch", "rv32imc,xtensawin")[0] == 1
    code, records = natmod.records("build", small, "--arch", "all")
    assert code == 0
    assert {one["arch"]: one["status"] for one in records} == {
        name: "built" if name in SERVED else "no-compiler" for name in arches()
    }


@pytest.mark.usefixtures("few_compilers")
def test_a_build_that_fails_does_not_keep_the_others_from_being_built(natmod: Said, tmp_path: Path) -> None:
    only_riscv = '#ifndef __riscv\n#error "only for RISC-V"\n#endif\n'
    folder = write_project(tmp_path / "small", {"small.c": only_riscv + module()})
    code, out, err = natmod("build", folder, "--arch", "x64,rv32imc")
    assert code == 1
    assert "x64: the build failed." in out
    assert err.count("Error: ") == 1
    assert "only for RISC-V" in err
    assert [line.split()[-1] for line in out.splitlines() if line.startswith(("x64 ", "rv32imc "))] == [
        "FAILED",
        "built",
    ]


@pytest.mark.usefixtures("few_compilers")
def test_a_limit_fails_each_build_that_is_larger(natmod: Said, small: Path) -> None:
    with (small / "natmod.toml").open("a") as file:
        file.write("[limits]\ntext = 10\n")
    code, records = natmod.records("build", small, "--arch", "all")
    assert code == 1
    found = {one["arch"]: one["status"] for one in records}
    assert [found[name] for name in SERVED] == ["failed", "failed"]
    assert all(one["error"]["code"] == "build.limit" for one in records if one["status"] == "failed")
    code, _out, err = natmod("build", small)
    assert code == 1
    assert "natmod.toml allows 10 B" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--abi", "6"), "6 is no .mpy version"),
        (("--abi", "6.1"), "1.20 to 1.21"),
        (("--abi", "6.3", "--sdk", "1.26.1"), "Leave one of them out"),
        (("--arch", ","), "No architecture is named"),
        (("--arch", "arm"), "There is no architecture called arm"),
    ],
)
def test_what_cannot_be_built_for_is_said(natmod: Said, small: Path, words: tuple[str, ...], said: str) -> None:
    code, _out, err = natmod("build", small, *words)
    assert code in (1, 2)
    assert said in err


# --- what changed --------------------------------------------------------------------------------------------------


def test_what_changed_in_size_function_by_function(natmod: Said, small: Path) -> None:
    build = ("build", small, "--compiler", "zig", "--diff")
    assert "no earlier build to compare with" in natmod(*build)[1]
    assert "no size changed" in natmod(*build)[1]
    (small / "small.c").write_text(LARGER)
    out = natmod(*build)[1]
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line}
    assert rows["extra"][:4] == ["extra", "(code)", "0", "B"]
    assert rows["code"][-2].startswith("+")
    (small / "small.c").write_text(module())
    _code, (record,) = natmod.records(*build)
    found = {one["name"]: one for one in record["diff"]}
    assert found["extra"]["now"] == 0
    assert found["extra"]["change"] == -found["extra"]["before"] < 0
    assert {one["kind"] for one in record["diff"]} == {"section", "text"}


def test_after_a_failed_build_only_sections_are_compared(natmod: Said, tmp_path: Path) -> None:
    files = {"small.c": module(), "more.c": "int more(int x) { return x; }\n"}
    folder = write_project(tmp_path / "small", files)
    build = ("build", folder, "--compiler", "zig", "--diff")
    assert natmod(*build)[0] == 0
    (folder / "small.c").write_text("not C\n")
    (folder / "more.c").write_text("int more(int x) { return x * x + 11; }\n")
    assert natmod(*build)[0] == 1
    (folder / "small.c").write_text(module())
    code, out, _err = natmod(*build)
    assert code == 0
    assert "Which functions changed is not known" in out
    assert "more (code)" not in out
