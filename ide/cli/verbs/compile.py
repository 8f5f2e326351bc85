"""``natmod compile``: one Python file to an .mpy, without a project."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains import bytecode, mpyfile
from toolchains.errors import UsageError
from toolchains.text import _
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=str(_("a .py file")))
    parser.add_argument(
        "--emit",
        choices=bytecode.EMITTERS,
        help=str(_("what functions become: bytecode, native or viper machine code (default: what each one is marked)")),
    )
    parser.add_argument("--arch", help=str(_("the architecture of machine code, such as rv32imc or xtensawin")))
    parser.add_argument("--arch-flags", metavar="FLAGS", help=str(_("extensions of rv32imc to use: zba, zcmp")))
    parser.add_argument(
        "--abi", default="6.3", metavar="VERSION", help=str(_("the .mpy version of the board (default: 6.3)"))
    )
    parser.add_argument(
        "-O",
        dest="level",
        type=int,
        default=0,
        metavar="LEVEL",
        help=str(_("1 and 2 leave asserts out, 3 line numbers too (default: 0)")),
    )
    parser.add_argument("--name", help=str(_("the file name in tracebacks on the board (default: the file's)")))
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help=str(_("the .mpy (default: beside the file)")))


def _run(options: argparse.Namespace, session: Session) -> int:
    source: Path = options.file
    output: Path = options.output or source.with_suffix(".mpy")
    if output.is_dir():
        output = output / source.with_suffix(".mpy").name
    if output.absolute() == source.absolute():
        raise UsageError(
            _("The file {path} would be overwritten by its own .mpy.", path=source),
            next_step=_("Name another one with -o."),
        )
    bytecode.compile_py(
        session.ctx,
        source,
        output,
        embedded_name=options.name or source.name,
        arch=options.arch,
        emit=options.emit,
        mpy=bytecode.parse_version(options.abi),
        level=options.level,
        arch_flags=options.arch_flags,
        shown_as=str(source),
    )
    mpy = mpyfile.read_file(output)
    session.out.record({"kind": "compile", "source": str(source), "path": str(output), **mpy.to_json()})
    size, content = size_text(mpy.file_size), mpyfile.arch_text(mpy.arch_number) if mpy.is_native else _("bytecode")
    session.out.text(
        _("{path}: {size}, {content}, .mpy {version}", path=output, size=size, content=content, version=options.abi)
    )
    return 0


VERB = Verb(
    "compile",
    _("compile one Python file to an .mpy"),
    _(
        "It needs no project and no compiler.\n"
        "Examples: natmod compile frames.py; natmod compile frames.py --emit viper --arch xtensawin --abi 6.2"
    ),
    _arguments,
    _run,
)
