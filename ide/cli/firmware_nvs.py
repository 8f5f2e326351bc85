"""``natmod firmware nvs TABLE.csv``: an image of the ESP32's partition nvs, for a product's numbers and names."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.flash_tables import size_of
from ide.cli.verb import Session
from toolchains.errors import UsageError
from toolchains.firmware import nvs
from toolchains.text import _
from toolchains.units import size_text


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only this action takes."""
    parser.add_argument("--size", metavar="BYTES", help=str(_("nvs: the partition's size (default: 0x6000)")))


def run(options: argparse.Namespace, session: Session) -> int:
    """Make the image beside the table, or where ``-o`` says."""
    table = Path(options.project)
    if table.suffix.lower() != ".csv":
        raise UsageError(
            _("An NVS image is made of a CSV file."),
            next_step=_("Name it, for example: natmod firmware nvs product.csv -o nvs.bin"),
        )
    size = size_of(options.size) if options.size else nvs.USUAL_SIZE
    made = nvs.write(session.ctx, table, Path(options.output or table.with_suffix(".bin")), size)
    out = session.out
    out.text(_("Made {file} ({size}): {n} keys.", file=made.path, size=size_text(made.size), n=made.keys))
    if made.unread:
        out.text(
            _(
                "MicroPython's esp32.NVS reads i32 and bytes only; C code can read: {names}",
                names=", ".join(made.unread),
            )
        )
    out.text(
        _(
            'Write it to the partition nvs, usually: natmod flash write --line "write-flash 0x9000 {file}"',
            file=made.path,
        )
    )
    out.record(
        {
            "kind": "firmware-nvs", "path": str(made.path), "bytes": made.size, "keys": made.keys,
            "namespaces": list(made.namespaces), "not_for_python": list(made.unread),
        }
    )  # fmt: skip
    return 0
