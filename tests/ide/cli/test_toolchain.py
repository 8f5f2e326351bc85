"""``natmod toolchain``: what is there, what can be had, what to type for it; getting, keeping and using it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.cli.main import main
from tests.conftest import RecordingContext
from tests.fakes import espressif as fake
from tests.fakes import packs
from tests.fakes.apt import FakeMachine
from tests.fakes.espressif import Archive
from tests.fakes.file_server import FileServer
from toolchains import pack_memory
from toolchains.host import Host
from toolchains.paths import Paths

pytestmark = pytest.mark.skipif(
    (Host.current().system, Host.current().machine) != ("linux", "x86_64"), reason="the fake machine is a Debian PC"
)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    """A user of Debian with nothing but zig."""
    fake = FakeMachine(tmp_path)
    fake.set("updated")
    monkeypatch.setenv("PATH", fake.host.environ["PATH"])
    monkeypatch.setattr(Host, "is_root", lambda _self: False)
    return fake


XTENSA = f"xtensa-esp-elf@{fake.VERSION}"


@pytest.fixture
def archive() -> Archive:
    """What Espressif's newest is, in small."""
    return fake.make()


@pytest.fixture
def served(archive: Archive, bare: FakeMachine, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A mirror that has it, and a catalogue that knows of it; nothing else is reached."""
    fake.publish(paths, archive)
    for name, value in fake.OFFLINE.items():
        monkeypatch.setenv(name, value)
    with fake.github(Host.current(), archive) as (host, server):
        monkeypatch.setenv("IDF_MIRROR_PREFIX_MAP", host.environ["IDF_MIRROR_PREFIX_MAP"])
        _shell_tools(bare)
        yield server


def _shell_tools(bare: FakeMachine) -> None:
    """The script that stands for a compiler calls one program besides the shell's own."""
    (bare.folder / "tools" / "dirname").symlink_to("/usr/bin/dirname")


def _record(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    record: dict[str, object] = json.loads(capsys.readouterr().out)
    return record


# --- what is said ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bare")
def test_a_chip_may_be_named_in_place_of_its_architecture(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["toolchain", "list", "--arch", "esp32s3"], ["toolchain", "list", "esp32s3"]):
        assert main(words) == 0
        said = capsys.readouterr().out
        assert "natmod toolchain install xtensawin" in said
        assert "armv7m" not in said


@pytest.mark.usefixtures("bare")
def test_what_the_pack_of_the_set_up_has_is_listed_first(
    ctx: RecordingContext, tmp_path: Path, paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = packs.make(ctx, tmp_path / "lab.natmodpack", {}, packs.toolchain(ctx, tmp_path / "t"))
    pack_memory.remember(paths, str(pack))
    for expected in ("pack", "espressif"):
        assert main(["toolchain", "list", "esp32", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert [one["provider"] for one in said["lacking"]] == [expected]
        pack.unlink(missing_ok=True)


@pytest.mark.usefixtures("bare")
def test_what_is_missing_is_listed_with_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (xtensawin,) = (line for line in lines if line.startswith("xtensawin"))
    assert xtensawin.endswith("not here; get it (62 MB) with: natmod toolchain install xtensawin")
    arm = [line for line in lines if line.startswith("armv7m")]
    assert "the linker of MicroPython 1.26.1 cannot read" in arm[0]
    assert "sudo apt-get install --no-install-recommends gcc-arm-none-eabi" in arm[1]
    assert len([line for line in lines if line.startswith(("x64", "rv32imc"))]) == 2  # zig does
    (zig,) = (line for line in lines if line.startswith("zig@"))
    assert "rv32imc" in zig


@pytest.mark.usefixtures("bare")
def test_programs_read_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", "list", "--arch", "xtensawin", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["compilers"], record["installed"]) == ([], [])
    (lacking,) = record["lacking"]
    assert (lacking["arch"], lacking["provider"], lacking["command"]) == ("xtensawin", "espressif", None)
    assert 50_000_000 < lacking["download"] < lacking["disk"]
    assert {offer["provider"] for offer in record["offers"]} == {"espressif", "debian_xtensa"}


@pytest.mark.usefixtures("bare")
def test_all_that_can_be_had_is_a_long_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", "list", "--all"]) == 0
    said = capsys.readouterr().out
    assert "natmod toolchain install riscv32-esp-elf@esp-14.2.0_20241119" in said
    assert "debian-xtensa" in said


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["rv32imc", "esp32c3"])
def test_install_says_what_there_is_already(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", "install", name]) == 0
    assert capsys.readouterr().out.startswith(f"{name}: zig@0.")


def test_install_without_root_changes_nothing_and_names_the_line(
    bare: FakeMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["toolchain", "install", "armv7m"]) == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install --no-install-recommends gcc-arm-none-eabi" in said
    assert all("--print-uris" in call for call in bare.calls)


@pytest.mark.parametrize("action", ["install", "remove", "repair", "env", "terminal", "default", "import"])
def test_an_action_that_needs_one_more_word(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", action]) == 2
    assert f"natmod toolchain {action} " in capsys.readouterr().err


def test_a_name_that_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", "install", "esp9000"]) == 1
    assert "There is no toolchain called esp9000." in capsys.readouterr().err
    assert main(["toolchain", "install", "xtensawin", "--provider", "nobody"]) == 2
    assert "Use one of: " in capsys.readouterr().err


# --- getting and keeping ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_a_toolchain_from_its_coming_to_its_going(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["toolchain", "verify"]) == 0
    assert "has installed no toolchain yet" in capsys.readouterr().out
    assert main(["toolchain", "install", XTENSA]) == 0
    assert capsys.readouterr().out.startswith(f"{XTENSA}: {XTENSA} in ")
    assert main(["toolchain", "list", "--arch", "xtensawin"]) == 0
    said = capsys.readouterr().out
    assert "chosen: " in said
    assert f"\n{XTENSA}  " in said
    assert main(["toolchain", "verify"]) == 0
    assert "every file is as it was installed" in capsys.readouterr().out

    folder = paths.store / "toolchains" / XTENSA
    (folder / "xtensa-esp-elf/share/licenses/gcc/COPYING3").write_text("mine")
    (folder / "xtensa-esp-elf/bin/more").write_text("mine")
    assert main(["toolchain", "verify", XTENSA]) == 1
    said = capsys.readouterr().out
    assert "2 files are not as they were" in said
    assert "COPYING3 was changed." in said
    assert main(["toolchain", "repair", XTENSA]) == 0
    assert main(["toolchain", "verify", XTENSA, "--json"]) == 0
    capsys.readouterr()

    assert main(["toolchain", "prune", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] > 500  # the archive
    assert main(["toolchain", "remove", XTENSA, "--json"]) == 0
    assert _record(capsys)["ids"] == [XTENSA]
    assert main(["toolchain", "remove", XTENSA]) == 1
    assert "There is no toolchain called" in capsys.readouterr().err


@pytest.mark.usefixtures("served")
def test_the_choice_of_the_person_is_kept_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toolchain", "install", XTENSA]) == 0
    assert main(["toolchain", "default", "xtensawin"]) == 0
    assert "Natmod Studio chooses" in capsys.readouterr().out
    assert main(["toolchain", "default", "xtensawin", XTENSA]) == 0
    assert main(["toolchain", "list", "--arch", "xtensawin", "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["installed"][0]["default_for"] == ["xtensawin"]
    assert record["compilers"][0]["reason"] == "chosen for xtensawin on this computer"
    assert main(["toolchain", "default", "xtensawin", "--reset", "--json"]) == 0
    assert _record(capsys)["id"] is None
    assert main(["toolchain", "default", "rv32imc", XTENSA]) == 2
    assert "does not compile for rv32imc" in capsys.readouterr().err


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("shell", ["sh", "fish", "powershell", "cmd"])
def test_the_environment_as_lines_for_a_shell(
    shell: str, paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["toolchain", "install", XTENSA]) == 0
    capsys.readouterr()
    monkeypatch.setenv("PATH", "/it's here:/bin")
    assert main(["toolchain", "env", XTENSA, "--shell", shell]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert str(paths.store / "toolchains" / XTENSA / "xtensa-esp-elf" / "bin") in line
    if shell == "sh":
        done = subprocess.run(["/bin/sh", "-c", f"{line}; xtensa-esp32-elf-gcc -dumpmachine; echo $PATH"],
                              capture_output=True, text=True, check=True)  # fmt: skip
        machine, path = done.stdout.splitlines()
        assert (machine, path.endswith(":/it's here:/bin")) == ("xtensa-esp-elf", True)


@pytest.mark.usefixtures("served")
def test_a_newer_tools_json_is_imported(
    tmp_path: Path, paths: Paths, archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = tmp_path / "tools.json"
    newer.write_text(fake.tools_json(fake.make(version="esp-15.9.0_20310101")))
    assert main(["toolchain", "import", str(newer)]) == 0
    assert "1 toolchain is new." in capsys.readouterr().out
    assert main(["toolchain", "list", "--all", "--json"]) == 0
    ids = [offer["id"] for offer in json.loads(capsys.readouterr().out)["offers"]]
    assert "xtensa-esp-elf@esp-15.9.0_20310101" in ids
    (paths.data / "catalog" / "mine.json").write_text("[")
    assert main(["toolchain", "list", "--arch", "xtensawin"]) == 0
    said = capsys.readouterr()
    assert "mine.json is not a list of toolchains that can be used" in said.err
    assert "xtensawin" in said.out
    newer.write_text("{}")
    assert main(["toolchain", "import", str(newer)]) == 1
    assert "tools.json" in capsys.readouterr().err
