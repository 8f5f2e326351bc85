"""``natmod firmware import``: a line of make, or a manifest, as the table [firmware] of the project."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session
from toolchains import project
from toolchains.edits import Fix
from toolchains.errors import UsageError
from toolchains.firmware import make_line, manifest_edit, manifest_import
from toolchains.project_edits import Value
from toolchains.text import _


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only this action takes."""
    parser.add_argument(
        "--line", metavar="TEXT", help=str(_("import: 'make BOARD=… USER_C_MODULES=…', or a line of idf.py"))
    )
    parser.add_argument("--manifest", metavar="FILE", type=Path, help=str(_("import: a manifest.py of the project")))


def run(options: argparse.Namespace, session: Session) -> int:
    """Change natmod.toml, and say what it has now."""
    if options.line is None and options.manifest is None:
        raise UsageError(
            _("'natmod firmware import' needs a line, or a manifest."),
            next_step=_("Example: natmod firmware import --line 'make BOARD=ESP32_GENERIC_S3 USER_C_MODULES=usermods'"),
        )
    found = project.load(Path(options.project))
    values: dict[str, Value | None] = {}
    if options.line is not None:
        pasted = make_line.read(options.line, found.root)
        values |= pasted.values
        for note in pasted.notes:
            session.out.text(note)
    if options.manifest is not None:
        imported = manifest_import.read(options.manifest.absolute(), found.root)
        if imported.whole is not None:
            session.out.text(imported.whole)
            session.out.text(_("So the manifest is used as it is."))
        values = {**_before(found), **values}
        values |= imported.added(options.manifest.resolve().relative_to(found.root.resolve()).as_posix(), values)
    edit = manifest_edit.change(found, values)
    if edit is not None:
        Fix(_("Import into [firmware]"), (edit,)).apply(session.toolbox.host)
    session.out.table(
        ("[firmware]", ""), [(key, ", ".join(value) if isinstance(value, list) else str(value))
                             for key, value in values.items() if value],
    )  # fmt: skip
    session.out.record({"kind": "firmware-import", "changed": edit is not None, "values": values})
    return 0


def _before(found: project.Project) -> dict[str, Value | None]:
    """What the table has that a manifest adds to, and its port."""
    table = found.firmware
    if table is None:
        return {"port": "unix"}
    lists = {key: list(getattr(table, key)) for key in ("freeze", "require", "modules") if getattr(table, key)}
    return {"port": table.port, **lists, **({"manifest": table.manifest} if table.manifest else {})}
