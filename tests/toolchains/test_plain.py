"""Spaces, accents and Chinese in paths: no compiler on Windows ever sees them, and no person notices."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains import natmod, project
from toolchains.build_errors import CompileFailed
from toolchains.chips import arch
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.linker import LinkerPool
from toolchains.natmod import BuildRequest
from toolchains.paths import Paths
from toolchains.plain import PlainNames, is_plain, plain_name, plain_tail

PUPIL = PureWindowsPath("C:\\Users\\Élève 1\\课程\\mod")


@pytest.mark.parametrize("text", ["C:\\Users\\eleve\\mod", "/home/x/natmod_1.26~2", "-I../x", "a=b@c+d"])
def test_most_paths_are_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text", [str(PUPIL), "C:\\Program Files", "a&b", "x(86)", "it's", 'a"b', "%TEMP%", "a;b", "\n"]
)
def test_what_compilers_stumble_over(text: str) -> None:
    assert not is_plain(text)


def test_only_the_part_that_needs_it_gets_another_name() -> None:
    assert plain_tail(PUPIL / "src" / "x.c") == (PUPIL.parent, PureWindowsPath("mod/src/x.c"))
    assert plain_tail(PureWindowsPath("C:\\a\\b")) == (PureWindowsPath("C:\\"), PureWindowsPath("a/b"))
    assert plain_tail(PurePosixPath("/a/é.c")) == (PurePosixPath("/a/é.c"), PurePosixPath())


def test_object_names_are_plain_and_their_own() -> None:
    names = ["x.c", "größe.c", "große.c", "a b.c", "a_b.c", "C:"]
    made = [plain_name(name) for name in names]
    assert made[0] == "x.c"
    assert all(map(is_plain, made))
    assert len({name.lower() for name in made}) == len(names)


def test_elsewhere_nothing_changes(tmp_path: Path) -> None:
    names = PlainNames(Host("linux", "x86_64", {"HOME": "/home/Élève 1"}))
    words = ["/opt/gcc é/gcc", "-I/a b", "x y.c"]
    assert names.words(words, tmp_path) == (words, tmp_path)
    assert "HOME" not in names.environment()


@pytest.mark.parametrize("name", ["CPATH", "C_INCLUDE_PATH", "GCC_EXEC_PREFIX"])
def test_variables_that_would_give_gcc_other_headers_are_taken_away(name: str, ctx: JobContext) -> None:
    host = Host("linux", "x86_64", {**ctx.host.environ, name: "/nowhere"})
    with JobContext(host).child(("sh", "-c", f"echo [${name}]"), env=PlainNames(host).environment()) as child:
        assert child.communicate()[0] == b"[]\n"


def test_compilers_and_sdks_of_a_person_with_an_accent_are_kept_in_a_plain_folder(tmp_path: Path) -> None:
    environ = {"NATMOD_HOME": str(tmp_path / "Élève 1"), "PROGRAMDATA": str(tmp_path / "ProgramData")}
    paths = Paths.of(Host("windows", "x86_64", environ))
    assert is_plain(paths.store.name)
    assert paths.store.is_relative_to(tmp_path / "ProgramData")
    other = Paths.of(Host("windows", "x86_64", {**environ, "NATMOD_HOME": str(tmp_path / "Zoë")}))
    assert other.store != paths.store
    assert Paths.of(Host("linux", "x86_64", environ)).store == paths.data
    plain = Paths.of(Host("windows", "x86_64", {**environ, "NATMOD_HOME": str(tmp_path / "zoe")}))
    assert plain.store == plain.data


# --- a whole build, as on Windows -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlayedWindows(Host):
    """Windows played on Linux (with symbolic links for junctions): remembers what compilers were given."""

    seen: list[tuple[list[str], str, dict[str, str]]] = field(default_factory=list)

    def popen(self, argv: Any, **words: Any) -> subprocess.Popen[bytes]:
        process = super().popen(argv, **words)
        if "-c" in map(str, argv):
            changed = {**self.environ, **(words.get("env") or {})}
            given = {name: value for name, value in changed.items() if value is not None}
            self.seen.append(([str(word) for word in argv], str(words.get("cwd")), given))
        return process


@dataclass
class Pupil:
    """A person called Élève 1 whose course is in Chinese: her machine and everything that is on it."""

    host: PlayedWindows
    request: BuildRequest
    linkers: LinkerPool

    def build(self) -> natmod.BuildResult:
        return natmod.build(JobContext(self.host), self.request, self.linkers)


FILES = {
    "small.c": module("    return mp_obj_new_int(scaled(mp_obj_get_int(x)));", '#include "scale.h"\n'),
    "sous dossier/größe 2.c": '#include "scale.h"\n#include "near.h"\nint scaled(int x) {\n    return x * FACTOR;\n}\n',
    "sous dossier/near.h": "#define FACTOR 3\n",
    "en-têtes/scale.h": "int scaled(int x);\n",
}
TOML = 'sources = ["small.c", "sous dossier/größe 2.c"]\ninclude = ["en-têtes"]'


@pytest.fixture
def pupil(tmp_path: Path, build: Builder) -> Iterator[Pupil]:
    home = tmp_path / "Users" / "Élève 1"
    folder = write_project(home / "课程" / "mod", FILES, TOML)
    compiler, sdk = build.compiler("rv32imc", "zig"), build.sdk
    zig, tree = home / "AppData" / "zig", home / "AppData" / "tree"
    zig.parent.mkdir(parents=True)
    zig.symlink_to(Path(compiler.command[0]).parent)
    tree.symlink_to(sdk.path)
    there = str(Path(compiler.command[0]).parent)
    moved = replace(
        compiler,
        command=tuple(word.replace(there, str(zig)) for word in compiler.command),
        cflags=tuple(word.replace(there, str(zig)) for word in compiler.cflags),
    )
    environ = {
        **build.ctx.host.environ,
        "PROGRAMDATA": str(tmp_path / "ProgramData"),
        "USERPROFILE": str(home),
        "TEMP": str(home / "Temp"),
        "PATH": os.pathsep.join([str(home / "bin"), os.environ["PATH"]]),
        "CPATH": str(home / "include"),
    }
    host = PlayedWindows("windows", "x86_64", environ)
    linkers = LinkerPool(host)
    yield Pupil(host, BuildRequest(project.load(folder), arch("rv32imc"), replace(sdk, path=tree), moved), linkers)
    linkers.close()


def test_no_such_path_reaches_a_compiler(pupil: Pupil, build: Builder, tmp_path: Path) -> None:
    made = pupil.build()
    assert len(pupil.host.seen) == 2
    for argv, cwd, environ in pupil.host.seen:
        assert [word for word in (*argv, cwd) if not is_plain(word) and not word.startswith("-DMP_CONFIGFILE=")] == []
        assert [name for name, value in environ.items() if not is_plain(value)] == []
        assert environ["TEMP"].startswith(str(tmp_path / "ProgramData"))
        assert "CPATH" not in environ
    elsewhere = write_project(tmp_path / "plain", FILES, TOML)
    assert made.path.read_bytes() == build(elsewhere).path.read_bytes()
    assert made.path.is_relative_to(pupil.request.project.root)


def test_what_the_compiler_says_has_the_persons_own_names(pupil: Pupil) -> None:
    source = pupil.request.project.root / "sous dossier" / "größe 2.c"
    source.write_text(FILES["sous dossier/größe 2.c"].replace("FACTOR;", "FACTOR"), "utf-8")
    with pytest.raises(CompileFailed) as caught:
        pupil.build()
    (complaint,) = [one for one in caught.value.diagnostics if one.severity == "error"]
    assert (complaint.path, complaint.line) == ("sous dossier/größe 2.c", 4)
    assert "ProgramData" not in caught.value.detail


def test_a_header_that_changes_is_noticed_there_too(pupil: Pupil) -> None:
    pupil.build()
    assert pupil.build().rebuilt == ()
    (pupil.request.project.root / "sous dossier" / "near.h").write_text("#define FACTOR 4\n", "utf-8")
    assert "sous dossier/größe 2.c" in pupil.build().rebuilt
    (pupil.request.project.root / "en-têtes" / "scale.h").write_text("int scaled(int);\n", "utf-8")
    assert set(pupil.build().rebuilt) >= {"small.c", "sous dossier/größe 2.c"}
