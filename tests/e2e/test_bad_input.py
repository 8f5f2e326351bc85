"""What goes wrong gets one clear sentence, no traceback, and leaves nothing half done."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.disks import read_only, small_disk
from tests.e2e.command import CHECKOUT, Said, copy_example, natmod, start

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware")

BOARD = ("--board", "sim:rv32")
EXAMPLE = CHECKOUT / "examples" / "factorial"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_example("factorial", tmp_path)


def started_looping(project: Path) -> subprocess.Popen[bytes]:
    """``natmod run`` of a project whose script has printed "looping" and now runs for ever."""
    child = start("run", project, *BOARD)
    assert child.stdout is not None
    while b"looping" not in child.stdout.readline():
        assert child.poll() is None, "the run ended before it looped"
    return child


def test_a_missing_source_is_named(project: Path):
    (project / "factorial.c").unlink()
    assert "factorial.c" in natmod("build", project).assert_one_sentence()


def test_c_that_does_not_compile_shows_file_and_line(project: Path):
    source = project / "factorial.c"
    source.write_text(source.read_text() + "\nint broken( {\n")
    said = natmod("build", project)
    said.assert_one_sentence()
    line = source.read_text().count("\n")
    assert f"factorial.c:{line}" in said.err


def test_a_module_without_mpy_init_says_so(project: Path):
    (project / "factorial.c").write_text('#include "py/dynruntime.h"\n')
    assert "mpy_init" in natmod("build", project).assert_one_sentence()


def test_an_unknown_symbol_is_named(project: Path):
    source = project / "factorial.c"
    text = source.read_text().replace("static mp_int_t factorial_of", "int nowhere(int);\nstatic mp_int_t factorial_of")
    source.write_text(text.replace("result *= i;", "result *= nowhere(i);"))
    assert "nowhere" in natmod("build", project).assert_one_sentence()


def test_an_mpy_for_another_architecture_is_refused_before_it_is_sent(project: Path):
    assert natmod("build", project, "--arch", "x64").code == 0
    said = natmod("inspect", project / ".natmod" / "x64" / "factorial.mpy", *BOARD)
    assert "x64" in said.assert_one_sentence()


def test_an_unknown_key_names_its_line_and_the_nearest_name(project: Path):
    (project / "natmod.toml").write_text('schema = 1\n[module]\nnaem = "factorial"\n')
    sentence = natmod("build", project).assert_one_sentence()
    assert "line 3" in sentence
    assert "name" in sentence


def test_an_endless_loop_in_python_is_stopped_by_ctrl_c(project: Path):
    (project / "main.py").write_text("print('looping')\nwhile True: pass\n")
    child = started_looping(project)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    assert natmod("run", CHECKOUT / "examples" / "factorial", *BOARD).code == 0


def test_an_endless_loop_in_native_code_ends_with_a_reset(project: Path):
    source = project / "factorial.c"
    source.write_text(source.read_text().replace("result *= i;", 'for (;;) { __asm volatile(""); }'))
    (project / "main.py").write_text("import factorial\nprint('looping')\nfactorial.factorial(5)\n")
    child = started_looping(project)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=90)
    assert child.returncode == 130, err
    assert b"reset" in err


def test_a_board_that_is_unplugged_in_the_middle(project: Path):
    (project / "main.py").write_text("print('looping')\nwhile True: pass\n")
    child = started_looping(project)
    assert "sim:rv32" in natmod("sim", "stop").out
    out, err = child.communicate(timeout=60)
    assert child.returncode == 1
    Said(child.returncode, out.decode(), err.decode()).assert_one_sentence()
    assert natmod("run", EXAMPLE, *BOARD).code == 0


def test_a_full_board_says_so_and_keeps_nothing_half(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NATMOD_SIM_LINGER", "60")  # the same board for three commands
    (project / "filler.py").write_text(
        "n = 0\ntry:\n    while True:\n        n += 1\n"
        "        with open('/filler%d' % n, 'wb') as f: f.write(bytes(65536 if n < 60 else 600))\n"
        "except OSError: print('full')\n"
    )
    (project / "listing.py").write_text("import os\nprint('lib' in os.listdir('/') and os.listdir('/lib'))\n")
    try:
        assert "full" in natmod("run", project, *BOARD, "--script", "filler.py").out
        assert "factorial.mpy" in natmod("deploy", project, *BOARD).assert_one_sentence()
        assert natmod("run", project, *BOARD, "--script", "listing.py").out.splitlines()[0] in ("[]", "False")
    finally:
        natmod("sim", "stop")


def test_a_board_that_is_not_there_is_said(project: Path):
    assert "/dev/ttyNOWHERE" in natmod("run", project, "--board", "/dev/ttyNOWHERE").assert_one_sentence()


def test_a_folder_that_cannot_be_written_is_said(project: Path):
    with read_only(project):
        sentence = natmod("build", project).assert_one_sentence()
    assert ".natmod" in sentence
    assert "no permission" in sentence
    assert sorted(p.name for p in project.iterdir()) == sorted(p.name for p in EXAMPLE.iterdir() if p.name != ".natmod")


def test_a_full_disk_is_said_and_leaves_no_half_module(project: Path, tmp_path: Path):
    with small_disk(tmp_path / "full", "16k") as full:
        (full / "filler").write_bytes(bytes(12288))
        assert "no space left" in natmod("build", project, "--out", full / "out").assert_one_sentence()
        assert not list(full.rglob("factorial.mpy"))
    assert natmod("build", project).code == 0


def test_a_folder_without_a_project_says_how_to_begin(tmp_path: Path):
    assert "natmod new" in natmod("build", tmp_path).assert_one_sentence()


def test_an_unknown_verb_and_an_unknown_architecture(project: Path):
    assert natmod("biuld").code == 2
    said = natmod("build", project, "--arch", "riscv")
    assert said.code == 2
    assert "rv32imc" in said.assert_one_sentence()
