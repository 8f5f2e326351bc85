"""``natmod inspect``: what is in an .mpy file, and whether a board can load it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.board.inspect import Identity
from ide.cli.verb import Session, Verb
from toolchains import mpy_loads, mpyfile
from toolchains.mpy_loads import NotLoadable
from toolchains.mpyfile import MpyFile
from toolchains.text import Text, _, _n
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=str(_("an .mpy file")))
    parser.add_argument("--board", metavar="PORT", help=str(_("a board: can it load the file?")))


def _run(options: argparse.Namespace, session: Session) -> int:
    mpy = mpyfile.read_file(options.file)
    session.out.table((_("what"), options.file.name), _rows(mpy))
    record: dict[str, object] = {"kind": "mpy", "path": str(options.file), **mpy.to_json()}
    if options.board is None:
        session.out.record(record)
        return 0
    with Boards(session.toolbox) as boards:
        identity = boards.open(session.ctx, options.board).identity(session.ctx)
    refusal = _refusal(mpy, identity)
    remarks = mpy_loads.remarks(mpy, identity.loader)
    session.out.record(
        {
            **record,
            "board": {"address": options.board, **identity.to_json()},
            "loads": refusal is None,
            "reason": None if refusal is None else str(refusal),
            "remarks": [str(remark) for remark in remarks],
        }
    )
    if refusal is not None:
        raise refusal
    session.out.text(_("{board} can load it.", board=options.board))
    for remark in remarks:
        session.out.text(remark)
    return 0


def _refusal(mpy: MpyFile, identity: Identity) -> NotLoadable | None:
    try:
        mpy_loads.check_loads(mpy, identity.loader)
    except NotLoadable as error:
        return error
    return None


def _rows(mpy: MpyFile) -> list[tuple[object, object]]:
    releases = mpy_loads.releases_text(mpy.version, mpy.sub_version, native=mpy.is_native)
    rows: list[tuple[object, object]] = [
        (_("format"), _(".mpy {version}", version=releases)),
        (_("architecture"), _architecture(mpy)),
    ]
    if mpy.arch_flags:
        rows.append((_("needs"), ", ".join(mpyfile.flag_names(mpy.arch_number, mpy.arch_flags))))
    if mpy.features:
        rows.append((_("options"), ", ".join(mpy.features)))
    rows.append((_("file"), size_text(mpy.file_size)))
    if mpy.functions:
        rows += _content(mpy)
    return rows


def _architecture(mpy: MpyFile) -> Text | str:
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


VERB = Verb(
    "inspect",
    _("show what is in an .mpy file"),
    _("With --board it also says whether that board can load the file, and if not, why."),
    _arguments,
    _run,
)
