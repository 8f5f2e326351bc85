"""``natmod stub``: a C skeleton from Python signatures; signatures from C."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session, Verb
from toolchains.edits import Fix, TextEdit, read_text
from toolchains.errors import UsageError
from toolchains.stubs import files
from toolchains.stubs.pyi_from_c import pyi_from_c
from toolchains.text import _, _n


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        help=str(
            _("a .pyi or .py file with signatures, named after the module; of a .c file, its signatures are printed")
        ),
    )
    parser.add_argument(
        "--kind",
        choices=("natmod", "usermod"),
        default="natmod",
        help=str(_("a native module (default), or a C module that is compiled into a firmware")),
    )
    parser.add_argument("--out", metavar="FOLDER", help=str(_("where to write (default: beside the file)")))
    parser.add_argument("--show", action="store_true", help=str(_("print the C code and write nothing")))
    parser.add_argument(
        "--force", action="store_true", help=str(_("make files new that were changed outside of the marked lines"))
    )


def _run(options: argparse.Namespace, session: Session) -> int:
    path = Path(options.file)
    if path.suffix == ".c":
        return _pyi(options, path, session)
    if path.suffix not in (".pyi", ".py"):
        raise UsageError(
            _("{name} holds no Python signatures.", name=path.name),
            next_step=_("For example: {example}", example="natmod stub example.pyi"),
        )
    reading = files.load(path)
    found = files.problems(reading, options.kind)
    if found:
        raise files.CannotBeC(path.name, found)
    name = reading.module.name
    if options.show:
        text = files.made(reading.module, options.kind)[f"{name}.c"]
        session.out.text(text.rstrip("\n"))
        session.out.record({"kind": "stub", "module": name, "target": options.kind, "text": text})
        return 0
    folder = _folder(options, path)
    fix = files.plan(reading.module, options.kind, folder, force=options.force)
    fix.apply(session.ctx.host)
    _tell(session, fix, options.kind, folder)
    changed = [str(one) for one in fix.paths]
    session.out.record(
        {"kind": "stub", "module": name, "target": options.kind, "folder": str(folder), "files": changed}
    )
    return 0


def _pyi(options: argparse.Namespace, path: Path, session: Session) -> int:
    """The other way round: what a C file offers to Python."""
    text = pyi_from_c(read_text(path), path.stem)
    if options.out is None:
        session.out.text(text.rstrip("\n"))
    else:
        target = Path(options.out).absolute() / f"{path.stem}.pyi"
        old = read_text(target) if target.exists() else ""
        Fix(_("Write {name}", name=target.name), (TextEdit.at(target, old, 0, len(old), text),)).apply(session.ctx.host)
        session.out.text(_("Wrote {names} in {folder}", names=target.name, folder=target.parent))
    session.out.record({"kind": "pyi", "module": path.stem, "text": text})
    return 0


def _folder(options: argparse.Namespace, path: Path) -> Path:
    """A firmware's module has a folder of its own, inside of the one that USER_C_MODULES names."""
    if options.kind == "usermod":
        return (Path(options.out) if options.out else path.parent / "usermod").absolute() / path.stem
    return (Path(options.out) if options.out else path.parent).absolute()


def _tell(session: Session, fix: Fix, kind: str, folder: Path) -> None:
    out = session.out
    if not fix.edits:
        out.text(_("Nothing has changed."))
        return
    shown = ", ".join(one.relative_to(folder).as_posix() for one in fix.paths)
    out.text(
        _n(
            "Wrote {names} in {folder}",
            "Wrote {n} files in {folder}: {names}",
            len(fix.paths),
            names=shown,
            folder=folder,
        )
    )
    if kind == "usermod":
        out.text(_("With make: USER_C_MODULES={folder}", folder=folder.parent))
        out.text(_("With cmake (ESP32): USER_C_MODULES={path}", path=folder / "micropython.cmake"))


VERB = Verb(
    "stub",
    _("write a C skeleton from Python signatures"),
    _("Example: natmod stub example.pyi; natmod build. What you write between the marked lines is kept."),
    _arguments,
    _run,
)
