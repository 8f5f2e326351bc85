"""What a file is that is no image: people choose text files, saved web pages, archives and other programs' files."""

from __future__ import annotations

from toolchains.text import Text, _

_HEAD = 4096
_UF2 = b"UF2\n"
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | {9, 10, 12, 13, 27}


def what_else(data: bytes) -> Text | None:
    """A sentence about what the file is, or None when it may be an image."""
    if not data:
        return _("It is empty.")
    if not data.strip(b"\xff"):
        return _("It holds nothing but empty flash.")
    if not data.strip(b"\0"):
        return _("It holds nothing but zeros.")
    head = data[:_HEAD]
    for magic, sentence in _known():
        if head.startswith(magic):
            return sentence
    return _text(head)


def _known() -> tuple[tuple[bytes, Text], ...]:
    archive = _("It is an archive; unpack it and choose the .bin file in it.")
    return (
        (_UF2, _("It is a .uf2 file, which is copied onto a board's disk; an ESP chip needs the .bin file.")),
        (b"\x7fELF", _("It is an .elf file, which a debugger reads; an ESP chip needs the .bin file made from it.")),
        (b"PK\x03\x04", archive),
        (b"\x1f\x8b", archive),
        (b"\xfd7zXZ", archive),
        (b"7z\xbc\xaf", archive),
        (b"DfuSe", _("It is a .dfu file, which is for STM32 boards.")),
        (b"M\x06", _("It is an .mpy file: a module for a board that has its firmware already.")),
        (b"\xaa\x50", _("It is a partition table alone; there is no program in it.")),
    )


def _text(head: bytes) -> Text | None:
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if plain[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\0" in plain[2:8]:
        return _("It is a text file.")
    lines = plain.lstrip()[:200].lower()
    if lines.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return _("It is a web page. The server, or the sign-in page of a network, sent it in place of the firmware.")
    if lines.startswith(b":") and all(letter in b"0123456789abcdef" for letter in lines[1:9]):
        return _("It is an Intel HEX file; an ESP chip needs the .bin file.")
    try:
        plain[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return _("It is a text file.") if all(byte in _TEXT_BYTES or byte > 0x7F for byte in plain) else None
