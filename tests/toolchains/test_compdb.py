"""compile_commands.json: what an editor's clang makes of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ide.cli.main import main
from tests.examples import NATIVE
from toolchains import paths
from toolchains.host import Host
from toolchains.zig import Zig

pytestmark = pytest.mark.usefixtures("warm_home", "sdk_tree")


def checked(entry: dict, extra: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """What clang says when it is called as the entry says, but for looking only."""
    zig = Zig.bundled(Host.current())
    assert zig is not None
    argv = [zig.program, "clang", "-fsyntax-only", *entry["arguments"][1:], *extra]
    return subprocess.run(argv, cwd=entry["directory"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["mixed_python", "signal_filter"])
def test_clang_understands_each_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert name in NATIVE
    folder, output = paths.examples() / name, tmp_path / "compile_commands.json"
    assert main(["compdb", str(folder), "--compiler", "zig", "--output", str(tmp_path)]) == 0
    for entry in json.loads(output.read_text("utf-8")):
        assert Path(entry["file"]).is_file()
        assert Path(entry["file"]).is_absolute()
        assert Path(entry["directory"]).is_absolute()
        done = checked(entry)
        assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr


def test_a_makefile_s_flags_and_qstrs_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mod.c").write_text(
        '#include "py/dynruntime.h"\n#ifndef WIDTH\n#error no width\n#endif\nint q(void) { return MP_QSTR_here; }\n'
    )
    (tmp_path / "Makefile").write_text(
        "MOD = mod\nSRC = src/mod.c\nCFLAGS += -DWIDTH=$(WIDTH)\nARCH = rv32imc\ninclude $(MPY_DIR)/py/dynruntime.mk\n"
    )
    assert main(["compdb", str(tmp_path), "WIDTH=7", "--compiler", "zig"]) == 0
    said = capsys.readouterr().out
    assert "CompilationDatabase: .natmod" in said
    (entry,) = json.loads((tmp_path / ".natmod" / "compile_commands.json").read_text("utf-8"))
    assert "-DWIDTH=7" in entry["arguments"]
    assert checked(entry).returncode == 0
    assert not list(tmp_path.rglob("*.o"))  # nothing was compiled


def test_the_record_has_what_the_file_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = paths.examples() / "factorial"
    file = tmp_path / "here.json"
    assert main(["compdb", str(folder), "--output", str(file), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["commands"] == json.loads(file.read_text("utf-8"))
