"""Every text with which esptool fails has a sentence of ours. The texts are read out of the installed esptool."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from ide.board.errors import BoardNotAllowed, BoardNotFound
from ide.board.flash import errors, failures
from ide.board.flash.progress import Heard
from toolchains.errors import StudioError, ToolMissing

#: What we never ask of esptool: other flash, other chips, ELF and hex files, pins, certificates, eFuse keys.
_NEVER_ASKED = re.compile(
    r"NAND|SDC|ELF|\bhex\b|plugin|Plugin|SFDP|SPI Pin|SPI HD|key block|ESP8266|Unknown OUI|VDDSDIO|verbose|"
    r"trace|certificate|chip_info|chip info|--encrypt|trust-flash|diff_with|OPEN_PORT_ATTEMPTS|Espressif device|"
    r"spi_connection|32 bits back|64 bytes of data|reset mode|image magic|segment|Segment|Image|page size|"
    r"bytes is not a valid|Invalid (?:input type|number of bytes|size value|reset)|Specify the --chip|"
    r"Soft resetting|find good block|bad block|good block|Good-block|Cannot find a good|Cannot place|secure_pad|"
    r"irom|--chip|multiple of|UF2|Flash size '|Flash frequency '|manually specify flash size|Set an exact size|"
    r"Custom reset|format|only supported on|Unsupported|Only one file|unsupported by|has to be|SHA256|chip ID\.|"
    r"Loading|is not supported by|not a valid|^0x10\. Use --force|Append digest|skip_bad_block"
)


def _texts(path: Path) -> Iterator[str]:
    """What is given to ``FatalError(…)`` in a file, with X for what is filled in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FatalError" and node.args:
            text = _text(node.args[0])
            if text:
                yield text


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "0x10" for part in node.values)  # type: ignore[misc]
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):  # "…".format(…)
        return _text(node.func.value).replace("{}", "0x10")
    return ""


def _all_texts() -> list[str]:
    spec = find_spec("esptool")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0])
    files = [folder / name for name in ("__init__.py", "cmds.py", "loader.py", "cli_util.py")]
    found = {text for path in [*files, *(folder / "targets").glob("esp32*.py")] for text in _texts(path)}
    return sorted(text for text in found if not _NEVER_ASKED.search(text))


def _failure(said: str, chip: str = "") -> failures.Failure:
    heard = Heard(chip=chip)
    for line in f"ERROR: A fatal error occurred: {said}".splitlines():
        heard.hear(line)
    return failures.failure_of(heard)


def test_there_are_texts() -> None:
    assert len(_all_texts()) > 20


@pytest.mark.parametrize("text", _all_texts())
def test_every_text_of_esptool_is_known(text: str) -> None:
    assert _failure(text).kind != "unknown", text


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Failed to connect to ESP32: Wrong boot mode detected (0x13)! The chip needs to be in download mode.",
         errors.WrongBootMode),
        ("Failed to connect to ESP32-S3: No serial data received.", errors.NoData),
        ("Failed to connect to ESP32: Invalid head of packet (0x4D): Possible serial noise or corruption.",
         errors.NotInDownloadMode),
        ("Failed to connect to ESP32: Guru Meditation Error detected (LoadProhibited).", errors.NotInDownloadMode),
        ("This chip is ESP32-S3, not ESP32. Wrong chip argument?", errors.WrongChip),
        ("'/x/fw.bin' is not an ESP32-C3 image. Use --force to flash anyway.", errors.WrongImage),
        ("'/x/fw.bin' requires chip revision v3.0 or higher (this chip is revision v1.0). Use --force to flash anyway.",
         errors.WrongImage),
        ("File '/x/fw.bin' (length 4194304) at offset 0x00001000 will not fit in 4194304 bytes of flash. Change the "
         "flash_size argument or flashing address.", errors.TooLarge),
        ("Secure Boot V1 detected, writing to flash regions < 0x8000 is disabled", errors.SecureBoot),
        ("The 'read-flash' command is not available in Secure Download Mode.", errors.SecureBoot),
        ("Could not open /dev/ttyUSB0, the port is busy or doesn't exist.\n([Errno 11] Could not exclusively lock port "
         "/dev/ttyUSB0: [Errno 11] Resource temporarily unavailable)", errors.PortTaken),
        ("Could not open COM3, the port is busy or doesn't exist.\n(could not open port 'COM3': PermissionError(13, "
         "'Access is denied.', None, 5))\n\nHint: Check if the port is not used by another task", errors.PortTaken),
        ("Could not open COM9, the port is busy or doesn't exist.\n(could not open port 'COM9': FileNotFoundError(2, "
         "'The system cannot find the file specified.', None, 2))", BoardNotFound),
        ("Could not open /dev/ttyACM9, the port is busy or doesn't exist.\n([Errno 2] could not open port "
         "/dev/ttyACM9: [Errno 2] No such file or directory: '/dev/ttyACM9')", BoardNotFound),
        ("Could not open /dev/ttyUSB0, the port is busy or doesn't exist.\n([Errno 13] could not open port "
         "/dev/ttyUSB0: [Errno 13] Permission denied: '/dev/ttyUSB0')", BoardNotAllowed),
        ("Could not open /dev/input/mice, the port is busy or doesn't exist.\n(Could not configure port: (25, "
         "'Inappropriate ioctl for device'))", errors.NoLoader),
        ("MD5 of file does not match data in flash!", errors.Mismatch),
        ("Verification failed.", errors.Mismatch),
        ("Unable to verify flash chip connection (SPI command did not complete in time).", errors.NoFlash),
        ("Failed to write compressed data to flash after seq 3 (result was 0108: Flash write error)",
         errors.FlashFailed),
        ("Serial data stream stopped: Possible serial noise or corruption.", errors.FlashFailed),
        ("something new", errors.FlashFailed),
    ],
)  # fmt: skip
def test_what_it_says_becomes_a_sentence(said: str, kind: type[StudioError]) -> None:
    error = failures.error_of(_failure(said), "/dev/ttyUSB0", "esp32")
    assert type(error) is kind
    assert error.next_step is not None
    assert str(error)


def test_serial_exceptions_are_a_pulled_cable() -> None:
    heard = Heard()
    heard.hear("Connected to ESP32 on COM3:")
    heard.hear("ERROR: A serial exception error occurred: WriteFile failed (PermissionError(13, 'The device does not "
               "recognize the command.', None, 22))")  # fmt: skip
    assert isinstance(failures.error_of(failures.failure_of(heard), "COM3"), errors.Unplugged)


def test_a_port_that_vanishes_while_it_is_used_is_a_pulled_cable() -> None:
    failure = _failure("[Errno 2] could not open port /dev/ttyACM0", chip="ESP32-S3")
    assert isinstance(failures.error_of(failure, "/dev/ttyACM0"), errors.Unplugged)


def test_without_esptool_the_sentence_says_how_to_get_it() -> None:
    heard = Heard()
    heard.hear("/usr/bin/python3: No module named esptool")
    error = failures.error_of(failures.failure_of(heard), "COM3")
    assert isinstance(error, ToolMissing)
    assert "pip install esptool" in str(error)


def test_the_sentence_for_a_wrong_chip_names_both() -> None:
    error = failures.error_of(_failure("This chip is ESP32-C6, not ESP32-C3. Wrong chip argument?"), "COM3", "esp32c3")
    assert "is an ESP32-C6, and this is for an ESP32-C3" in str(error)


def test_sizes_are_said_for_an_image_that_is_too_large() -> None:
    said = r"File 'C:\x\fw.bin' (length 4194304) at offset 0x00001000 will not fit in 2097152 bytes of flash."
    error = failures.error_of(_failure(said), "COM3", "esp32")
    assert isinstance(error, errors.TooLarge)
    assert error.fields["name"] == "fw.bin"
    assert error.fields["end"] == 4194304 + 0x1000
