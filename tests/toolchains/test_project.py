"""Projects: what natmod.toml may say, and how each mistake is answered, with its line."""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import EXAMPLES, NATIVE
from toolchains import paths
from toolchains.errors import ProjectError
from toolchains.firmware.table import FirmwareTable
from toolchains.module_names import name_from, name_problem
from toolchains.project import MissingFile, NoProject, ProjectFileError, load
from toolchains.toml_lines import key_lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder with some files in it, and no natmod.toml yet."""
    root = tmp_path / "led-ring"
    for name in ("src", "include"):
        (root / name).mkdir(parents=True)
    for name in ("ring.c", "src/dma.c", "src/start.S", "helpers.py", "libdsp.a", "rom.ld", "show.py", "manifest.py"):
        (root / name).write_text("", "utf-8")
    return root


def written(folder: Path, text: str) -> Path:
    (folder / "natmod.toml").write_text(text, "utf-8")
    return folder


def refused(folder: Path, text: str) -> ProjectFileError:
    with pytest.raises(ProjectFileError) as caught:
        load(written(folder, text))
    return caught.value


EVERYTHING = """
schema = 1

[module]
name = "ring"
sources = ["ring.c", "./src/../src/dma.c", 'src\\start.S']
python = ["helpers.py"]
include = ["include"]
defines = { LEDS = 16, FAST = true, SLOW = false, GREETING = '"hi"' }
cflags = ["-O2", "-Wno-unused", "-march=rv32imac_zicsr", "-std=gnu11", "-fno-strict-aliasing", "-DX='a b'"]
libs = ["libdsp.a"]
externs = "rom.ld"
float = "single"
runtime = "on"

[run]
script = "show.py"
mode = "install"
board = "sim:rv32"

[pin]
micropython = "1.26.1"
compiler = { rv32imc = "zig", xtensawin = "gcc-12" }

[limits]
text = 4096
file = 8000

[firmware]
port = "esp32"
board = "ESP32_GENERIC_C3"
manifest = "manifest.py"
"""


def test_every_key_is_understood(folder: Path) -> None:
    got = load(written(folder, EVERYTHING))
    assert (got.root, got.name) == (folder, "ring")
    assert got.sources == ("ring.c", "src/dma.c", "src/start.S")
    assert (got.python, got.include, got.libs, got.externs) == (("helpers.py",), ("include",), ("libdsp.a",), "rom.ld")
    assert got.defines == ("LEDS=16", "FAST", 'GREETING="hi"')
    assert got.cflags[:3] == ("-O2", "-Wno-unused", "-march=rv32imac_zicsr")
    assert (got.float, got.runtime, got.script, got.mode, got.board) == (
        "single",
        "on",
        "show.py",
        "install",
        "sim:rv32",
    )
    assert (got.pin_micropython, got.pin_compilers) == ("1.26.1", {"rv32imc": "zig", "xtensawin": "gcc-12"})
    assert (got.make, got.limits, got.makefile) == ({}, {"text": 4096, "file": 8000}, None)
    assert got.native
    assert got.firmware == FirmwareTable("esp32", "ESP32_GENERIC_C3", manifest="manifest.py")


MAKEFILE = "MOD = ring\nSRC = ring.c\ninclude $(MPY_DIR)/py/dynruntime.mk\n"


@pytest.mark.parametrize("name", ["Makefile", "makefile", "GNUmakefile"])
def test_a_makefile_for_native_modules_is_a_project(folder: Path, name: str) -> None:
    (folder / name).write_text(MAKEFILE, "utf-8")
    got = load(folder)
    assert (got.makefile, got.sources, got.native) == (name, (), True)


def test_natmod_toml_beside_a_makefile_sets_its_variables(folder: Path) -> None:
    (folder / "Makefile").write_text(MAKEFILE, "utf-8")
    got = load(written(folder, 'schema = 1\n[make]\nLEDS = 16\nNAME = "x"\n[run]\nmode = "install"'))
    assert (got.make, got.makefile, got.mode) == ({"LEDS": "16", "NAME": "x"}, "Makefile", "install")
    assert load(written(folder, "schema = 1\n[module]")).makefile is None


def test_a_makefile_for_something_else_is_none_of_ours(folder: Path) -> None:
    (folder / "Makefile").write_text("all:\n\techo $(MODE)\n", "utf-8")
    assert load(written(folder, "schema = 1")).makefile is None


def test_a_folder_with_python_files_only_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "blink.py").write_text("print(1)", "utf-8")
    assert (load(tmp_path).native, load(tmp_path).script) == (False, "blink.py")
    (tmp_path / "other.py").write_text("", "utf-8")
    assert load(tmp_path).script is None
    (tmp_path / "natmod.toml").write_text('schema = 1\n[run]\nscript = "other.py"', "utf-8")
    assert (load(tmp_path).native, load(tmp_path).script) == (False, "other.py")


def test_one_line_is_enough(folder: Path) -> None:
    (folder / "main.py").write_text("", "utf-8")
    got = load(written(folder, "schema = 1"))
    assert (got.name, got.sources, got.python, got.script) == ("led_ring", ("ring.c",), (), "main.py")
    assert (got.float, got.runtime, got.mode, got.board, got.pin_micropython) == ("board", "auto", "try", None, None)
    assert load(folder / "natmod.toml") == got


def test_windows_line_ends_are_fine(folder: Path) -> None:
    (folder / "natmod.toml").write_bytes(b'schema = 1\r\n[module]\r\nsources = [\r\n"ring.c",\r\n"gone.c",\r\n]\r\n')
    with pytest.raises(MissingFile, match="line 5"):
        load(folder)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_load(example: str) -> None:
    got = load(paths.examples() / example)
    # Of the four ways of a race, the module is the one in C.
    assert (got.name, got.script) == ("in_c" if example in ("mandelbrot", "pin_race") else example, "main.py")
    assert got.native == (example in NATIVE)


# --- mistakes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "first line of the file: schema = 1"),
        ('schema = "1"', 1, "must be the number 1"),
        ("schema = true", 1, "must be the number 1"),
        ("#\nschema = 2\nfuture = 3", 2, "newer Natmod Studio"),
        ("schema = 1\n[modul]", 2, 'Did you mean "module"'),
        ("schema = 1\nmodule = 3", 2, "must be a table, not a whole number"),
        ('schema = 1\nname = "x"', 2, r"belongs under \[module\]"),
        ("schema = 1\n[module]\ncolour = 1", 3, "The keys here are: name, sources"),
        ("schema = 1\n[module]\nsorces = []", 3, 'Did you mean "sources"'),
        ("schema = 1\nmodule.sorces = []", 2, 'Did you mean "sources"'),
        ("schema = 1\n[module]\nname = 1", 3, "a text in quotes, not a whole number"),
        ('schema = 1\n[module]\nname = ""', 3, "empty text"),
        ('schema = 1\n[module]\nname = "led-ring"', 3, "letters, digits and _"),
        ('schema = 1\n[module]\nname = "class"', 3, "Python language"),
        ('schema = 1\n[module]\nname = "main"', 3, "MicroPython uses it"),
        ('schema = 1\n[module]\nname = "a\\u0007"', 3, "cannot be printed"),
        ('schema = 1\n[module]\nname = "helpers"', 3, r"would find helpers\.py instead"),
        ('schema = 1\n[module]\nname = "src"', 3, "would find src/ instead"),
        ('schema = 1\n[module]\nsources = "ring.c"', 3, "must be a list of texts"),
        ('schema = 1\n[module]\nsources = ["ring.c", 7]', 3, "must be a list of texts"),
        ("schema = 1\n[module]\nsources = []", 3, "no C file"),
        (
            'schema = 1\n[module]\nsources = [\n  "ring.c",\n  # "x",\n  "rnig.c",\n]',
            6,
            r'rnig\.c does not exist.*"ring\.c"',
        ),
        ('schema = 1\n[module]\nsources = ["src"]', 3, r"end in \.c"),
        ('schema = 1\n[module]\nsources = ["helpers.py"]', 3, '"python"'),
        ('schema = 1\n[module]\nsources = ["ring.c", "src/../ring.c"]', 3, "listed twice"),
        ('schema = 1\n[module]\nsources = ["/etc/x.c"]', 3, "absolute"),
        ('schema = 1\n[module]\nsources = ["C:/x.c"]', 3, "absolute"),
        ('schema = 1\n[module]\nsources = ["\\\\\\\\server\\\\x.c"]', 3, "absolute"),
        ('schema = 1\n[module]\nsources = ["~/x.c"]', 3, "absolute"),
        ('schema = 1\n[module]\nsources = ["../x.c"]', 3, "outside"),
        ('schema = 1\n[module]\nsources = ["src/..\\\\../x.c"]', 3, "outside"),
        ('schema = 1\n[module]\ninclude = ["ring.c"]', 3, "folder ring.c does not exist"),
        ('schema = 1\n[module]\nlibs = ["m"]', 3, r"end in \.a"),
        ('schema = 1\n[module]\ndefines = ["A B"]', 3, "NAME or NAME=VALUE"),
        ("schema = 1\n[module]\ndefines = { A = 1.5 }", 3, "a number, a text, or true"),
        ('schema = 1\n[module]\ncflags = ["-O2", "-fplugin=evil.so"]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["-wrapper"]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["-B."]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["-fstack-usage=/tmp/x"]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["-Wl,-T,x"]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["@file"]', 3, "not allowed"),
        ('schema = 1\n[module]\ncflags = ["-I/usr/include"]', 3, '"include" instead'),
        ('schema = 1\n[module]\nfloat = "doubel"', 3, 'Did you mean "double"'),
        ('schema = 1\n[module]\nruntime = "x"', 3, "auto, on, off"),
        ('schema = 1\n[run]\nscript = "shwo.py"', 3, 'Did you mean "show.py"'),
        ('schema = 1\n[run]\nscript = "ring.c"', 3, "must be a Python file"),
        ('schema = 1\n[run]\nmode = "flash"', 3, "try, install"),
        ("schema = 1\n[pin]\nmicropython = 1.26", 3, "a text in quotes, not a number"),
        ('schema = 1\n[pin]\nmicropython = "latest"', 3, "no MicroPython version"),
        ('schema = 1\n[pin]\ncompiler = "zig"', 3, "must be a table"),
        ('schema = 1\n[pin.compiler]\nrv32 = "zig"', 3, 'Did you mean "rv32imc"'),
        ('schema = 1\n[pin.compiler]\nrv32imc = "/usr/bin/gcc"', 3, "never a path"),
        ('schema = 1\n[make]\nMPY_DIR = "/x"', 3, "chosen by Natmod Studio"),
        ('schema = 1\n[make]\n"A B" = "/x"', 3, "not the name of a make variable"),
        ("schema = 1\n[make]\nA = [1]", 3, "a text in quotes, not a list"),
        ("schema = 1\n[make]\nA = 1", 2, "no Makefile that these variables could be for"),
        ("schema = 1\n[limits]\ntext = 0", 3, "above zero"),
        ("schema = 1\n[limits]\ntext = 1979-05-27", 3, "not a date"),
        ('schema = 1\n[firmware]\nboard = "../x"', 3, "letters, digits"),
        ("schema = 1\n[module\nname = 1", 2, "not valid TOML"),
        ("schema = 1\nschema = 1", 2, "not valid TOML"),
        ('schema = 1\nx = "a', 2, "not valid TOML"),
        ("schema = " + "9" * 5000, 1, "not valid TOML"),
        ("schema = " + "[" * 5000, None, "nested too deeply"),
    ],
)
def test_a_mistake_gets_one_sentence_with_its_line(folder: Path, text: str, line: int | None, words: str) -> None:
    error = refused(folder, text)
    assert error.fields["line"] == line
    sentence = str(error)
    assert sentence.startswith(f"natmod.toml line {line}: " if line else "natmod.toml: ")
    assert re.search(words, sentence)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"schema = 1\n# caf\xe9\n", "line 2: the text is not UTF-8"),
        (b"\xef\xbb\xbfschema = 1\n", "byte order mark"),
        ("schema = 1".encode("utf-16"), "byte order mark"),
        (b"schema = 1\n#" + b"x" * 1_000_000, "larger than one megabyte"),
        (b"schema = 1\n\x00", "line 2: this is not valid TOML"),
    ],
)
def test_bytes_that_are_no_text(folder: Path, raw: bytes, words: str) -> None:
    (folder / "natmod.toml").write_bytes(raw)
    with pytest.raises(ProjectFileError, match=words):
        load(folder)


@pytest.mark.parametrize(
    "flag",
    [
        "-fsyntax-only",
        "-fpreprocessed",
        "-fwpa",
        "-ffat-lto-objects",
        "-ftest-coverage",
        "-fstack-usage",
        "-gen-cdb-fragment-path",
        "-fltrans-output-list=x",
        "-fthinlto-index=x",
        "-fdump-tree-all",
        "-fprofile-arcs",
    ],
)
def test_flags_that_write_other_files_or_no_object_are_refused(folder: Path, flag: str) -> None:
    assert "not allowed" in str(refused(folder, f'schema = 1\n[module]\ncflags = ["{flag}"]'))


def test_links_do_not_lead_out_of_the_project(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.c").write_text("", "utf-8")
    (folder / "link.c").symlink_to(tmp_path / "secret.c")
    assert "outside" in str(refused(folder, 'schema = 1\n[module]\nsources = ["link.c"]'))
    (folder / "loop.c").symlink_to(folder / "loop.c")
    refused(folder, 'schema = 1\n[module]\nsources = ["loop.c"]')
    (folder / "inner.c").symlink_to(folder / "ring.c")
    assert load(written(folder, 'schema = 1\n[module]\nsources = ["inner.c"]')).sources == ("inner.c",)


def test_files_that_are_not_listed_stay_inside_the_project_too(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.c").write_text("mpy_init", "utf-8")
    (folder / "link.c").symlink_to(tmp_path / "secret.c")
    assert "outside" in str(refused(folder, "schema = 1"))
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "link.c").symlink_to(tmp_path / "secret.c")
    with pytest.raises(NoProject):
        load(alone)


@pytest.mark.parametrize("name", ["-fplugin=x.c", "@x.c", "-specs=x.c", "-fplugin=./x.c"])
def test_a_file_name_cannot_be_an_option_of_the_compiler(folder: Path, tmp_path: Path, name: str) -> None:
    """GCC would load a plug-in, or run what a specs file says."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mpy_init", "utf-8")
    assert "option" in str(refused(folder, f'schema = 1\n[module]\nsources = ["ring.c", "./{name}"]'))
    if "/" not in name:
        assert "option" in str(refused(folder, "schema = 1"))
        alone = tmp_path / "alone"
        alone.mkdir()
        (folder / name).rename(alone / name)
        with pytest.raises(NoProject):
            load(alone)


def test_a_name_too_long_for_the_disk_is_just_missing(folder: Path) -> None:
    assert isinstance(refused(folder, f'schema = 1\n[module]\nsources = ["{"x" * 5000}.c"]'), MissingFile)


def test_a_project_found_through_a_link_works(folder: Path, tmp_path: Path) -> None:
    written(folder, "schema = 1")
    (tmp_path / "short").symlink_to(folder)
    assert load(tmp_path / "short").name == "short"


# --- folders without natmod.toml -----------------------------------------------------------------------------------


def test_a_single_native_module_needs_no_project_file(tmp_path: Path) -> None:
    (tmp_path / "led-ring.c").write_text("mp_obj_t mpy_init(…)", "utf-8")
    got = load(tmp_path)
    assert (got.name, got.sources, got.script) == ("led_ring", ("led-ring.c",), None)


@pytest.mark.parametrize("names", [("a.c", "b.c"), ("a.txt",), ()])
def test_other_folders_are_told_what_to_write(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text("mpy_init", "utf-8")
    with pytest.raises(NoProject, match="schema = 1" if "a.c" in names else "natmod new"):
        load(tmp_path)


def test_a_plain_c_file_is_no_native_module(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("int main(void) {}", "utf-8")
    with pytest.raises(NoProject):
        load(tmp_path)


def test_wrong_paths(folder: Path) -> None:
    with pytest.raises(NoProject, match="does not exist"):
        load(folder / "nowhere")
    with pytest.raises(NoProject, match="not a project"):
        load(folder / "ring.c")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder: Path) -> None:
    written(folder, "schema = 1").joinpath("natmod.toml").chmod(0)
    with pytest.raises(ProjectFileError, match="cannot be read"):
        load(folder)


# --- nothing a file says is a traceback ----------------------------------------------------------------------------


@settings(deadline=None)
@given(text=st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_gives_a_project_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "a.c").touch()
    for prefix in ("", "schema = 1\n[module]\n"):
        (folder / "natmod.toml").write_text(prefix + text, "utf-8", errors="replace", newline="")
        with suppress(ProjectError):
            load(folder)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_a_name_can_be_made_of_anything(text: str) -> None:
    assert name_problem(name_from(text)) is None


_VALUES = st.recursive(
    st.sampled_from(['"a"', "'#'", '"""x\n[y]\n"""', "'''\n=,'''", "1", "true", '"\\""']),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda v: "[\n" + ", # ]\n".join(v) + "]")
        | inner.map(lambda v: "{ k = " + (v if "\n" not in v else "1") + " }")
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.lists(_VALUES, min_size=1, max_size=6))
def test_every_key_is_found_on_its_line(values: list[str]) -> None:
    text, expected = "", {}
    for index, value in enumerate(values):
        text += "# note = 1\n" if index % 2 else f"\n[t{index}]\n"
        expected[f"k{index}"] = text.count("\n") + 1
        text += f'"k{index}" = {value} # end\n'
    tomllib.loads(text)
    found = {key[-1]: line for key, line in key_lines(text).items() if str(key[-1]) in expected}
    assert found == expected
