"""What a program on a real MicroPython sees of the folder it is served; its text and its typing are left alone."""

from __future__ import annotations

import hashlib
import random
import threading
from pathlib import Path

import pytest

from ide.board import deploy, mount
from ide.board.mount import HostService
from ide.board.served import Served
from tests.conftest import RecordingContext
from tests.fakes.cable import LossyService
from tests.sims import SimBoard, sim_board


@pytest.fixture(scope="module", params=["sim:unix", "sim:rv32"])
def sim(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    with sim_board(request.param, tmp_path_factory.mktemp("b")) as board:
        yield board


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "package" / "inner").mkdir(parents=True)
    (folder / "package" / "__init__.py").write_text("from . import part\nname = 'package'\n")
    (folder / "package" / "part.py").write_text("value = 7\n")
    (folder / "package" / "inner" / "deep.py").write_text("here = True\n")
    (folder / "plain.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "data.txt").write_text("first\nsécond\n最後", "utf-8")
    return folder


def run(sim: SimBoard, project: Path, script: str, ctx: RecordingContext, **overlay: bytes) -> deploy.RunOutcome:
    (project / "main.py").write_text(script, "utf-8")
    files = Served(project, {name.replace("_", "."): data for name, data in overlay.items()})
    return deploy.try_run(ctx, sim.link, files, "main.py")


class Watch:
    """Does something each time that a word has come, however the output is split."""

    def __init__(self, **reactions) -> None:
        self.seen = b""
        self.reactions = {word.encode(): act for word, act in reactions.items()}

    def __call__(self, data: bytes) -> None:
        for byte in data:
            self.seen += bytes((byte,))
            for word, act in self.reactions.items():
                if self.seen.endswith(word):
                    act()


def lines(outcome: deploy.RunOutcome) -> list[str]:
    assert outcome.traceback is None, outcome.traceback
    return outcome.output.decode().splitlines()


def test_modules_packages_and_data_come_from_the_project(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    script = """
import plain, package
from package.inner import deep
print(plain.double(21), package.part.value, package.name, deep.here, __name__)
import os
print(sorted(os.listdir()), os.getcwd())
os.chdir("package")
print(os.getcwd(), sorted(os.listdir()), os.listdir("inner"), open("part.py").read())
os.chdir("..")
print(os.stat("data.txt")[6], os.stat("package")[0] == 0x4000)
"""
    assert lines(run(sim, project, script, ctx)) == [
        "42 7 package True __main__",
        "['data.txt', 'main.py', 'package', 'plain.py'] /natmod",
        "/natmod/package ['__init__.py', 'inner', 'part.py'] ['deep.py'] value = 7",
        "",
        f"{(project / 'data.txt').stat().st_size} True",
    ]


def test_files_read_in_every_manner(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    (project / "numbers.json").write_text("[1, 2, 3]")
    script = """
import json
with open("data.txt") as f:
    print([l for l in f])
f = open("data.txt", "rb")
print(f.readline(), f.tell(), f.read(3), f.seek(0), f.read(5), f.seek(-3, 2), f.read(), f.read(), f.readline())
b = bytearray(5)
print(f.seek(1), f.readinto(b), bytes(b), f.seek(2, 1), f.read(1))
f.close()
f = open("data.txt")
print(f.read(8), f.read(3).encode(), f.read(100), repr(f.read(1)))
print(open("data.txt").readlines()[0].strip(), json.load(open("numbers.json")))
"""
    assert lines(run(sim, project, script, ctx)) == [
        "['first\\n', 's\\xe9cond\\n', '\\u6700\\u5f8c']",
        "b'first\\n' 6 b's\\xc3\\xa9' 0 b'first' 17 b'\\xe5\\xbe\\x8c' b'' b''",
        "1 5 b'irst\\n' 8 b'\\xa9'",
        "first",
        "sé b'con' d",
        "最後 ''",
        "first [1, 2, 3]",
    ]


def test_writing_is_refused_in_plain_words(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    script = """
import os
for work in (lambda: open("new.txt", "w"), lambda: open("data.txt", "a"), lambda: os.remove("data.txt"),
             lambda: os.mkdir("d"), lambda: os.rename("data.txt", "x")):
    try:
        work()
    except OSError as e:
        print(e.errno, "read-only" in str(e))
"""
    before = sorted(project.rglob("*"))
    assert lines(run(sim, project, script, ctx)) == ["30 True"] * 5
    assert sorted(path for path in project.rglob("*") if path.name != "main.py") == before


def test_nothing_outside_the_project_can_be_read(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    (project.parent / "secret.txt").write_text("secret")
    (project / ".hidden").write_text("secret")
    (project / ".natmod").mkdir()
    (project / ".natmod" / "old.py").write_text("secret = 1")
    (project / "link.txt").symlink_to(project.parent / "secret.txt")
    (project / "away").symlink_to(project.parent)
    script = """
import os
for name in ("../secret.txt", "link.txt", "away/secret.txt", ".hidden", ".natmod/old.py", "package/../../secret.txt",
             "/natmod/../secret.txt", "package/../.hidden"):
    try:
        print(name, open(name).read())
    except OSError as e:
        print(e.errno)
print(sorted(os.listdir()))
"""
    names = "['data.txt', 'main.py', 'package', 'plain.py']"
    assert lines(run(sim, project, script, ctx)) == ["2"] * 8 + [names]


def test_the_built_module_is_not_hidden_by_python_files_of_its_name(project: Path) -> None:
    (project / "mixed.py").write_text("")
    (project / "mixed.mpy").write_bytes(b"old")
    (project / "mixed").mkdir()
    (project / "mixed" / "table.csv").write_text("1,2")
    tried = Served(project, {"mixed.mpy": b"new"})
    assert tried.read("mixed.mpy", 0, 9) == (b"new", True)
    for name in ("mixed.py", "mixed"):
        with pytest.raises(FileNotFoundError):
            tried.size(name)
    assert tried.read("mixed/table.csv", 0, 9) == (b"1,2", True)
    assert [name for name, _ in tried.list("")] == ["data.txt", "mixed.mpy", "package", "plain.py"]
    installed = Served(project, installed=("mixed.mpy",))
    assert [name for name, _ in installed.list("")] == ["data.txt", "package", "plain.py"]


def test_a_project_too_large_to_list_is_served_all_the_same(
    sim: SimBoard, project: Path, ctx: RecordingContext
) -> None:
    for n in range(200):
        (project / f"file_number_{n:03}.txt").write_text(str(n))
    script = "import plain, os\nprint(plain.double(1), len(os.listdir()), open('file_number_123.txt').read())\n"
    assert lines(run(sim, project, script, ctx)) == ["2 204 123"]


def test_a_large_file_is_read_in_pieces(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    data = random.Random(7).randbytes(200_000)
    (project / "big.bin").write_bytes(data)
    script = """
import gc, hashlib, binascii
gc.collect()
before = gc.mem_alloc()
h = hashlib.sha256()
b = bytearray(512)
f = open("big.bin", "rb")
while True:
    n = f.readinto(b)
    if not n:
        break
    h.update(memoryview(b)[:n])
gc.collect()
print(binascii.hexlify(h.digest()).decode(), gc.mem_alloc() - before < 8000)
"""
    assert lines(run(sim, project, script, ctx)) == [hashlib.sha256(data).hexdigest() + " True"]


def test_binary_output_arrives_byte_for_byte(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    script = """
import sys
w = sys.stdout.buffer.write
for n in range(256):
    if n != 4:
        w(bytes((n, 0x18, 0x19, n)))
import plain
w(b"\\x18end")
"""
    wanted = b"".join(bytes((n, 0x18, 0x19, n)) for n in range(256) if n != 4) + b"\x18end"
    assert run(sim, project, script, ctx).output == wanted


def test_text_typed_ahead_reaches_input_in_order(sim: SimBoard, project: Path, ctx: RecordingContext) -> None:
    for n in range(12):
        (project / f"m{n}.py").write_text(f"n = {n}\n")
    script = """
import sys
print("go")
for n in range(12):
    m = __import__("m%d" % n)
    open("data.txt").read()
    print(m.n, sys.stdin.readline().strip())
"""
    (project / "main.py").write_text(script)
    wanted = [f"{n} line number {n} é" for n in range(12)]
    typed = "".join(f"line number {n} é\n" for n in range(12)).encode()

    def type_it() -> None:
        sim.link.type(typed[:100])
        sim.link.type(typed[100:])

    outcome = deploy.try_run(ctx, sim.link, Served(project), "main.py", on_output=Watch(go=type_it))
    assert lines(outcome) == ["go", *wanted]


def test_ctrl_c_in_the_middle_of_reading_leaves_the_mount_working(
    sim: SimBoard, project: Path, ctx: RecordingContext
) -> None:
    (project / "big.bin").write_bytes(b"x" * 50_000)
    script = """
caught = 0
while caught < 3:
    try:
        print("reading")
        while True:
            assert len(open("big.bin").read()) == 50000
    except KeyboardInterrupt:
        caught += 1
import plain, sys
print("plain", plain.double(4))
print(sys.stdin.readline().strip())
"""
    (project / "main.py").write_text(script)
    timers = []

    def interrupt_soon() -> None:
        timers.append(threading.Timer(0.15, sim.link.interrupt))
        timers[-1].start()

    watch = Watch(reading=interrupt_soon, plain=lambda: sim.link.type(b"still sane\n"))
    outcome = deploy.try_run(ctx, sim.link, Served(project), "main.py", on_output=watch)
    for timer in timers:
        timer.join()
    assert lines(outcome) == ["reading"] * 3 + ["plain 8", "still sane"]


@pytest.mark.slow
def test_lost_bytes_are_asked_for_again(
    sim: SimBoard, project: Path, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = random.Random(3).randbytes(20_000)
    (project / "big.bin").write_bytes(data)
    script = """
import hashlib, binascii, sys
print(binascii.hexlify(hashlib.sha256(open("big.bin", "rb").read()).digest()).decode())
print("end")
print(sys.stdin.readline())
"""
    (project / "main.py").write_text(script)
    monkeypatch.setattr(deploy, "HostService", LossyService)
    monkeypatch.setattr(LossyService, "rate", 0.05)
    monkeypatch.setattr(LossyService, "lost", 0)
    monkeypatch.setattr(LossyService, "rng", random.Random(5))

    def end() -> None:
        LossyService.rate = 0.0
        sim.link.type(b"typed\n")

    outcome = deploy.try_run(ctx, sim.link, Served(project), "main.py", on_output=Watch(end=end))
    assert outcome.traceback is None
    assert hashlib.sha256(data).hexdigest() in outcome.output.decode()
    assert b"typed" in outcome.output
    assert LossyService.lost


#: What lesser firmware lacks, taken away from the code that asks for it.
_POORER = {
    "no sys.stdin.buffer": ('getattr(sys.stdin,"buffer",None)', "None"),
    "no select": ("import select", "raise ImportError"),
    "no crc32": ('getattr(A,"crc32",sum)', "sum"),
    "no compile": ("K=compile", "raise NameError"),
    "no time": ("from time import ticks_ms as Y,ticks_diff as Z", "raise ImportError"),
}


@pytest.mark.parametrize("lack", _POORER)
def test_lesser_firmware_is_served_as_well(
    lack: str, sim: SimBoard, project: Path, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mount.device_code
    there, instead = _POORER[lack]

    def poorer(parts: tuple[str, ...]) -> str:
        code = whole(parts)
        assert there in code
        return code.replace(there, instead)

    monkeypatch.setattr(mount, "device_code", poorer)
    script = """
import sys
print("go")
import plain
print(plain.double(2), len(open("data.txt", "rb").read()), sys.stdin.readline().strip())
"""
    (project / "main.py").write_text(script)
    watch = Watch(go=lambda: sim.link.type("typed é\n".encode()))
    outcome = deploy.try_run(ctx, sim.link, Served(project), "main.py", on_output=watch)
    assert lines(outcome) == ["go", "4 20 typed é"]


def test_a_board_that_cannot_poll_gets_through_losses_too(
    sim: SimBoard, project: Path, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer is damaged, then lost altogether: it is nudged, and asks again."""
    whole = mount.device_code
    monkeypatch.setattr(mount, "device_code", lambda parts: whole(parts).replace("import select", "raise ImportError"))
    monkeypatch.setattr(mount, "_ANSWER_PATIENCE", 0.3)
    answers = 0

    class Losing(HostService):
        def feed(self, data: bytes) -> tuple[bytes, bytes]:
            nonlocal answers
            shown, sent = super().feed(data)
            answers += bool(sent)
            return shown, {2: sent[:-9] + sent[-5:], 4: b""}.get(answers, sent) if sent else b""

    monkeypatch.setattr(deploy, "HostService", Losing)
    assert lines(run(sim, project, "import plain\nprint(plain.double(2))\n", ctx)) == ["4"]


def test_the_code_on_the_board_is_small() -> None:
    assert len(mount.device_code(("frames", "mount", "run"))) < 5500
