"""Text files: read with whatever encoding and line ends they have, written back with the same. No Qt.

Everything here may take long on a slow disk: call it from a worker. The text keeps its line ends as they are, also when
they are mixed, so that what nobody touched is written back byte for byte.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import StudioError, disk_errors
from toolchains.host import Host
from toolchains.text import _
from toolchains.units import size_text

#: The largest file that is opened, in bytes. 64 MB of text take about 200 MB of memory.
LIMIT = 64 * 1024 * 1024
_SAMPLE = 8192
_DETECT = 65536
_MOST_CONTROLS = 0.1
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b"))
#: The longer mark first: UTF-32's begins with UTF-16's.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE = re.compile(r"^[ \t\f]*(?:#|//|/\*|;).*?coding[:=][ \t]*([-\w.]+)")
_RUNS = re.compile(rb"[\x80-\xff]+")
_RUN_LENGTH = 1.8
_BLANKS = re.compile(rb"[ \t]+(?=\r|\n|\Z)")
#: What charset-normalizer may choose from: what people's old sources are written in.
_OLD = ["latin_1", "cp1252", "cp1251", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr"]
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "latin-1": "ISO 8859-1"}


class FileRefused(StudioError):
    """The file is nothing for a text editor: too large, no text, no file."""

    code = "editor.refused"


class NotEncodable(StudioError):
    """The text has a character that the file's encoding does not have. Fields: ``character``, ``line``, ``path``."""

    code = "editor.encoding"


@dataclass(frozen=True)
class Stamp:
    """Tells one state of a file on the disk from another: time in ns, size in bytes, inode."""

    mtime_ns: int
    size: int
    inode: int

    @staticmethod
    def of(result: os.stat_result) -> Stamp:
        """The stamp in what ``stat`` said."""
        return Stamp(result.st_mtime_ns, result.st_size, result.st_ino)


@dataclass(frozen=True)
class Form:
    """How text is written in a file: Python's name of the encoding, whether a byte order mark begins it, line end."""

    encoding: str = "utf-8"
    bom: bool = False
    eol: str = "\n"

    @property
    def name(self) -> str:
        """The encoding as a status bar shows it: ``UTF-8 BOM``."""
        return _NAMES.get(self.encoding, self.encoding.upper()) + (" BOM" if self.bom else "")


@dataclass(frozen=True)
class TextFile:
    """A file's text as it was read. ``mixed``: more than one kind of line end. ``locked``: it cannot be written."""

    text: str
    form: Form
    mixed: bool = False
    stamp: Stamp | None = None
    locked: bool = False


def load(path: Path, encoding: str = "") -> TextFile:
    """Read a file, in whatever encoding it is or in this one. Raises FileRefused and DiskError."""
    with disk_errors(path):
        # Not blocking: opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise FileRefused(_("{path} is not a file.", path=path))
            _check_size(path, status.st_size)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(LIMIT + 1)
        finally:
            os.close(descriptor)
        locked = not os.access(path, os.W_OK)
    found = _decode_as(data, path, encoding) if encoding else decode(data, path)
    return TextFile(found.text, found.form, found.mixed, Stamp.of(status), locked)


def _decode_as(data: bytes, path: Path, encoding: str) -> TextFile:
    form = Form(_python_name(codecs.lookup(encoding)))
    try:
        return _made(data.decode(encoding), form)
    except UnicodeDecodeError as error:
        raise FileRefused(_("{path} is not in this encoding: {encoding}.", path=path, encoding=form.name)) from error


def stamp_of(path: Path) -> Stamp | None:
    """The present state of a file; None when it is not there or cannot be asked."""
    try:
        return Stamp.of(path.stat())
    except OSError:
        return None


def decode(data: bytes, path: Path) -> TextFile:
    """The text in a file's bytes. Raises FileRefused, which names ``path``."""
    _check_size(path, len(data))
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            with suppress(UnicodeDecodeError):
                return _made(data[len(mark) :].decode(encoding), Form(encoding, bom=True))
    if _is_binary(data):
        raise FileRefused(
            _("{path} is not a text file.", path=path), next_step=_("Open it with the program that it is for.")
        )
    for encoding in _guesses(data):
        with suppress(UnicodeDecodeError, LookupError):
            text = data.decode(encoding)
            if text.encode(encoding) == data:
                return _made(text, Form(encoding))
    return _made(data.decode("latin-1"), Form("latin-1"))


def encode(text: str, form: Form, path: Path) -> bytes:
    """The bytes of a file. Raises NotEncodable, which names the first character that stops it."""
    mark = next((mark for mark, encoding in _BOMS if form.bom and encoding == form.encoding), b"")
    try:
        return mark + text.encode(form.encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise NotEncodable(
            _("{character} in line {line} of {path} cannot be written in {encoding}.",
              character=text[error.start], line=line, path=path, encoding=form.name),
            next_step=_("Change the file's encoding to UTF-8, or remove it."),
            character=text[error.start], line=line, path=str(path),
        ) from error  # fmt: skip


def form_to_save(text: str, form: Form, path: Path) -> Form:
    """The file's form, unless a Python source now declares another encoding (PEP 263)."""
    declared = _cookie(text[:_SAMPLE]) if path.suffix == ".py" and not form.bom else None
    return Form(declared, form.bom, form.eol) if declared else form


def save(path: Path, text: str, form: Form) -> Stamp:
    """Write a file whole or not at all; its permissions, and what links to it, stay.

    Raises NotEncodable and DiskError; then the old file is as it was.
    """
    data = encode(text, form, path)
    with disk_errors(path):
        target = Path(os.path.realpath(path))
        try:
            old = target.stat()
        except FileNotFoundError:
            old = None
        if old is not None and not os.access(target, os.W_OK):
            with target.open("r+b"):  # the system's own reason, with the file's name
                pass
        if old is not None and (old.st_nlink > 1 or not os.access(target.parent, os.W_OK)):
            return _write_into(target, data)
        return _write_beside(target, data, old)


def blanks_at_ends(data: bytes) -> list[tuple[int, int]]:
    """Where blanks stand before a line's end, as (start, end) in bytes, in order."""
    return [match.span() for match in _BLANKS.finditer(data)]


def eol_of(text: str) -> tuple[str, bool]:
    """The line end that most lines have (``\\n`` without any), and whether there are others."""
    two = text.count("\r\n")
    counts = {"\n": text.count("\n") - two, "\r\n": two, "\r": text.count("\r") - two}
    best = max(counts, key=lambda eol: counts[eol])
    return best, sum(1 for count in counts.values() if count) > 1


def _made(text: str, form: Form) -> TextFile:
    eol, mixed = eol_of(text)
    return TextFile(text, Form(form.encoding, form.bom, eol), mixed)


def _check_size(path: Path, n_bytes: int) -> None:
    if n_bytes > LIMIT:
        raise FileRefused(
            _("{path} has {size}; files up to {limit} can be opened here.",
              path=path, size=size_text(n_bytes), limit=size_text(LIMIT)),
            next_step=_("Open it with another program."),
        )  # fmt: skip


def is_binary(head: bytes) -> bool:
    """Whether a file that begins so is no text, or text in an encoding that only its byte order mark tells."""
    return not head.startswith(tuple(mark for mark, _encoding in _BOMS)) and _is_binary(head)


def _is_binary(data: bytes) -> bool:
    if b"\0" in data:
        return True
    head = data[:_SAMPLE]
    return len(head) - len(head.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(head)


def _guesses(data: bytes) -> Iterator[str]:
    declared = _cookie(data[:_SAMPLE].decode("latin-1"))
    if declared:
        yield declared
    yield "utf-8"
    yield from _old_encodings(data[:_DETECT])


def _old_encodings(sample: bytes) -> Iterator[str]:
    """What it may be that is not UTF-8. In Western text the bytes beyond ASCII stand alone, elsewhere in runs."""
    runs = _RUNS.findall(sample)
    if sum(map(len, runs)) < _RUN_LENGTH * len(runs):
        if re.search(rb"[\x80-\x9f]", sample):
            yield "cp1252"
        return
    try:
        from charset_normalizer import from_bytes  # here, because few files need it
    except ImportError:
        return
    best = from_bytes(sample[: sample.rfind(b"\n") + 1] or sample, cp_isolation=_OLD).best()
    if best is not None:
        yield best.encoding.replace("latin_1", "latin-1")


def _cookie(head: str) -> str | None:
    for line in head.splitlines()[:2]:
        match = _COOKIE.match(line)
        if match:
            with suppress(LookupError, ValueError):
                info = codecs.lookup(match[1])
                if getattr(info, "_is_text_encoding", True):
                    return _python_name(info)
    return None


def _python_name(info: codecs.CodecInfo) -> str:
    return "latin-1" if info.name == "iso8859-1" else info.name


def _write_beside(target: Path, data: bytes, old: os.stat_result | None) -> Stamp:
    fresh = target.with_name(f".{target.name[:40]}.{os.urandom(4).hex()}.part")
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _dress(fresh, old)
        Host.current().replace(fresh, target)
    except BaseException as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(target)  # the person knows nothing of the other name
        raise
    return Stamp.of(target.stat())


def _dress(fresh: Path, old: os.stat_result | None) -> None:
    """Give a new file the owner and permissions of the old one."""
    if old is None:
        return
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(fresh, old.st_uid, old.st_gid)
    fresh.chmod(stat.S_IMODE(old.st_mode))


def _write_into(target: Path, data: bytes) -> Stamp:
    """Write where nothing can be made beside a file, or it has other names; a failure puts the old text back."""
    with target.open("r+b") as file:
        old = file.read()
        with _put_back(target, old):
            file.seek(0)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            file.truncate(len(data))
    return Stamp.of(target.stat())


@contextmanager
def _put_back(target: Path, old: bytes) -> Iterator[None]:
    try:
        yield
    except OSError:
        with suppress(OSError):
            target.write_bytes(old)
        raise
