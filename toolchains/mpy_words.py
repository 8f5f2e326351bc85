"""What is in an .mpy file, in words: its header explained, its parts with their sizes."""

from __future__ import annotations

from toolchains import mpy_loads, mpyfile
from toolchains.mpyfile import MpyFile
from toolchains.text import Text, _, _n
from toolchains.units import size_text


def rows(mpy: MpyFile) -> list[tuple[object, object]]:
    """Name and value of each thing that is worth saying; values are sentences, texts or numbers."""
    releases = mpy_loads.releases_text(mpy.version, mpy.sub_version, native=mpy.is_native)
    found: list[tuple[object, object]] = [
        (_("format"), _(".mpy {version}", version=releases)),
        (_("architecture"), architecture(mpy)),
    ]
    if mpy.arch_flags:
        found.append((_("needs"), ", ".join(mpyfile.flag_names(mpy.arch_number, mpy.arch_flags))))
    if mpy.features:
        found.append((_("options"), ", ".join(mpy.features)))
    found.append((_("file"), size_text(mpy.file_size)))
    if mpy.functions:
        found += _content(mpy)
    return found


def architecture(mpy: MpyFile) -> Text | str:
    """The architecture with the chips that have it, or that there is none."""
    if mpy.is_native:
        return mpyfile.arch_text(mpy.arch_number)
    # Other versions load on the boards of a few releases only.
    return _("none: it suits every board") if mpy.version == 6 else _("bytecode")


def _content(mpy: MpyFile) -> list[tuple[object, object]]:
    rows: list[tuple[object, object]] = [(_SECTIONS[name], size_text(size)) for name, size in mpy.sections]
    rows.append((_("constant objects"), mpy.n_objects))
    rows.append((_("small integers"), _n("{n} bit", "{n} bits", mpy.small_int_bits)))
    if mpy.source_name:
        rows.append((_("made from"), _plain(mpy.source_name)))
    if mpy.sdk is not None:
        rows.append((_("runs only on"), _("the firmware of {sdk}", sdk=_plain(mpy.sdk))))
    rows += [(_("function") if i == 0 else "", text) for i, text in enumerate(_functions(mpy))]
    if mpy.qstrs:
        rows.append((_("its names"), ", ".join(map(_plain, mpy.qstrs))))
    if mpy.static_qstrs:
        rows.append((_("board's names"), ", ".join(map(_plain, mpy.static_qstrs))))
    if mpy.trailing:
        rows.append((_("after the end"), size_text(mpy.trailing)))
    return rows


def _functions(mpy: MpyFile) -> list[Text]:
    return [
        _(
            "{indent}{name}: {kind}, {size}",
            indent="  " * function.depth,
            name=_plain(function.name) or "?",
            kind=_KINDS[function.kind],
            size=size_text(function.size),
        )
        for function in mpy.functions
    ]


_SECTIONS = {"text": _("code"), "rodata": _("constants"), "bss": _("variables"), "bytecode": _("bytecode")}
_KINDS = {
    "bytecode": _("bytecode"),
    "native": _("machine code from Python (native)"),
    "viper": _("machine code from Python (viper)"),
    "assembler": _("machine code from Python (assembler)"),
    "linked": _("machine code from C"),
}


def _plain(name: str) -> str:
    """A name as it can be shown: a damaged file's may hold control characters, and one name is a line's end."""
    return name if name.isprintable() else name.encode("unicode_escape").decode("ascii")
