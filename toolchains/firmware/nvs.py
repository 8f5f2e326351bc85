"""An image of the ESP32's partition ``nvs`` from a table: a product's serial number, a calibration, a password.

The table is ESP-IDF's CSV: key, type (namespace, data, file), encoding, value. It is checked here row by row, then
Espressif's own program makes the image, as a child process.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import FirmwareError, disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _

#: Bytes of the partition ``nvs`` that MicroPython's usual layouts have.
USUAL_SIZE = 0x6000
_PAGE, _FEWEST_PAGES, _LARGEST = 0x1000, 3, 0x400000
_COLUMNS = ("key", "type", "encoding", "value")
_LONGEST_KEY, _LONGEST_TEXT = 15, 4000
_INTEGERS = {f"{sign}{bits}": (sign == "i", bits) for sign in "ui" for bits in (8, 16, 32, 64)}
_BYTES = ("hex2bin", "base64", "binary")
#: What MicroPython's ``esp32.NVS`` reads: ``get_i32`` and ``get_blob``, up to 1.29.
_READ_BY_PYTHON = ("i32", *_BYTES)


class BadNvs(FirmwareError):
    """The table cannot become an image. Fields: ``path``, ``line``."""

    code = "firmware.nvs"

    def __init__(self, path: Path, why: Text, step: Text | None = None, line: int | None = None) -> None:
        what = (
            _("{file} cannot become an NVS image.", file=path.name)
            if line is None
            else _("{file} cannot become an NVS image: look at line {line}.", file=path.name, line=line)
        )
        super().__init__(what, why=why, next_step=step, path=str(path), line=line)


@dataclass(frozen=True)
class NvsImage:
    """``unread`` are keys that C reads and MicroPython's ``esp32.NVS`` does not."""

    path: Path
    size: int
    namespaces: tuple[str, ...]
    keys: int
    unread: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    line: int
    key: str
    type: str
    encoding: str
    value: str


def write(ctx: JobContext, table: Path, output: Path, size: int = USUAL_SIZE) -> NvsImage:
    """Make the image of ``size`` bytes. Raises :class:`BadNvs`, ``DiskError``, ``ToolFailed``."""
    if size % _PAGE or not _FEWEST_PAGES * _PAGE <= size <= _LARGEST:
        why = _("The partition's size is a multiple of 4096, from 0x3000 to 0x400000; it is {size}.", size=hex(size))
        raise BadNvs(table, why, _("Give the size of the partition nvs in your partition table."))
    rows = _read(table)
    with disk_errors(output.parent), tempfile.TemporaryDirectory(prefix=".nvs-", dir=output.parent) as folder:
        made = _generate(ctx, table, rows, Path(folder), size)
        ctx.host.replace(made, output)
    entries = [row for row in rows if row.type != "namespace"]
    names = dict.fromkeys(row.key for row in rows if row.type == "namespace")
    unread = tuple(row.key for row in entries if row.encoding not in _READ_BY_PYTHON)
    return NvsImage(output, size, tuple(names), len(entries), unread)


def _generate(ctx: JobContext, table: Path, rows: Sequence[_Row], folder: Path, size: int) -> Path:
    clean, made = folder / "table.csv", folder / "nvs.bin"
    clean.write_text(_as_csv(rows), "utf-8", newline="")
    argv = (sys.executable, "-P", "-m", "esp_idf_nvs_partition_gen", "generate", clean, made, hex(size))
    done = ctx.run(argv, cwd=table.absolute().parent, env={"NO_COLOR": "1", "PYTHONUTF8": "1"}, check=False)
    if "Please increase the size" in done.text:
        why = _("The values need more room than {size} bytes.", size=hex(size))
        raise BadNvs(table, why, _("Give a larger size, as your partition table has it, or store less."))
    if done.returncode or not made.is_file() or made.stat().st_size != size:
        lines = [line for line in done.text.splitlines() if line.strip()]
        raise BadNvs(table, _("Espressif's program says: {words}", words=lines[-1] if lines else done.returncode))
    return made


def _as_csv(rows: Sequence[_Row]) -> str:
    """The rows for Espressif's program, which knows no byte order mark and no semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows((row.key, row.type, row.encoding, row.value) for row in rows)
    return text.getvalue()


def _read(path: Path) -> list[_Row]:
    """The table's rows, checked. Raises :class:`BadNvs`, ``DiskError``."""
    with disk_errors(path):
        data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadNvs(path, _("It is no text in UTF-8."), _("Save it as CSV UTF-8.")) from error
    try:
        rows = list(_rows(path, text))
    except csv.Error as error:
        raise BadNvs(path, Text(str(error))) from error
    _check_order(path, rows)
    for row in rows:
        problem = _problem(row, path.parent)
        if problem is not None:
            raise BadNvs(path, problem, None, row.line)
    return rows


def _rows(path: Path, text: str) -> Iterator[_Row]:
    lines = [line if not line.startswith("#") else "\n" for line in io.StringIO(text, newline="")]
    first = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    header: list[str] | None = None
    for cells in reader:
        plain = [cell.strip() for cell in cells]
        if not any(plain):
            continue
        if header is None:
            header = [cell.lower() for cell in plain]
            if sorted(header[:4]) != sorted(_COLUMNS):
                raise BadNvs(path, _("The first line must be: key,type,encoding,value"), None, reader.line_num)
            continue
        found = dict(zip(header, [*cells, "", "", ""], strict=False))
        named = {name: found[name].strip() for name in ("key", "type", "encoding")}
        yield _Row(reader.line_num, named["key"], named["type"].lower(), named["encoding"].lower(), found["value"])


def _check_order(path: Path, rows: Sequence[_Row]) -> None:
    if not rows or rows[0].type != "namespace":
        line = rows[0].line if rows else None
        why = _("The first row names a namespace, for example: product,namespace,,")
        raise BadNvs(path, why, _("Everything after it is read with esp32.NVS and that name."), line)
    seen, space = set[tuple[str, str]](), ""
    for row in rows:
        space = row.key if row.type == "namespace" else space
        if row.type != "namespace" and (space, row.key) in seen:
            raise BadNvs(path, _("The key {key} is there twice.", key=row.key), None, row.line)
        seen.add((space, row.key))


def _problem(row: _Row, folder: Path) -> Text | None:
    """What is wrong with a row, else None."""
    if not (row.key.isascii() and row.key.isprintable() and 1 <= len(row.key) <= _LONGEST_KEY):
        return _('"{key}" is no key: 1 to 15 letters without accents.', key=row.key)
    if row.type == "namespace":
        return None
    if row.type not in ("data", "file"):
        return _('"{word}" is no type; there are namespace, data and file.', word=row.type)
    if row.type == "file":
        return _file_problem(row, folder)
    if row.encoding in _INTEGERS:
        return _integer_problem(row)
    check = _CHECKS.get(row.encoding)
    if check is None:
        return _(
            '"{word}" is no encoding; there are u8, i8, u16, i16, u32, i32, u64, i64, string, hex2bin and base64.',
            word=row.encoding,
        )
    return check(row)


def _file_problem(row: _Row, folder: Path) -> Text | None:
    if row.encoding not in ("string", *_BYTES):
        return _("A file is stored as binary, string, hex2bin or base64.")
    path = folder / row.value.strip()
    return None if path.is_file() else _("The file {file} does not exist.", file=row.value.strip())


def _integer_problem(row: _Row) -> Text | None:
    signed, bits = _INTEGERS[row.encoding]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    try:
        fits = low <= int(row.value) <= high
    except ValueError:
        return _('"{word}" is no whole number.', word=row.value.strip())
    return (
        None
        if fits
        else _(
            "{word} does not fit {encoding}: {low} to {high}.",
            word=row.value.strip(), encoding=row.encoding, low=low, high=high,
        )
    )  # fmt: skip


def _string_problem(row: _Row) -> Text | None:
    if "\n" in row.value or "\0" in row.value:
        return _('A text of several lines is stored as a "file".')
    return _("A text is at most 4000 bytes long.") if len(row.value.encode()) >= _LONGEST_TEXT else None


def _hex_problem(row: _Row) -> Text | None:
    try:
        bytes.fromhex(row.value)
    except ValueError:
        return _('"{word}" are no hexadecimal bytes.', word=row.value.strip()[:40])
    return None


def _base64_problem(row: _Row) -> Text | None:
    try:
        base64.b64decode(row.value.strip(), validate=True)
    except binascii.Error:
        return _('"{word}" is no base64.', word=row.value.strip()[:40])
    return None


def _binary_problem(row: _Row) -> Text | None:
    return _('"binary" is for files; write bytes as hex2bin or base64.')


_CHECKS: Mapping[str, Callable[[_Row], Text | None]] = {
    "string": _string_problem, "hex2bin": _hex_problem, "base64": _base64_problem, "binary": _binary_problem,
}  # fmt: skip
