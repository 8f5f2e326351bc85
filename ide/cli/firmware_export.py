"""``natmod firmware export``, ``report`` and ``flash``: what becomes of a firmware that is built."""

from __future__ import annotations

import argparse

from ide.cli.firmware_project import asked, sdk_for
from ide.cli.verb import Session
from toolchains import workflows
from toolchains.errors import UsageError
from toolchains.firmware import report as reports
from toolchains.firmware.built import table_of
from toolchains.firmware.results import Result, result_of
from toolchains.firmware.weighing import NotBuilt
from toolchains.text import _


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only these actions take."""
    parser.add_argument("--force", action="store_true", help=str(_("export: write over a workflow that is there")))
    parser.add_argument(
        "--to", metavar="PORT", default="", help=str(_("flash: COM3, /dev/ttyUSB0 … (default: the one that is there)"))
    )


def export(options: argparse.Namespace, session: Session) -> int:
    """A workflow for GitHub that builds the same firmware."""
    from toolchains.firmware.boards import target_of
    from toolchains.firmware.idf.wanted import chip_of, wanted

    project = asked(options)
    table, sdk = table_of(project), sdk_for(options, session, project)
    target = target_of(sdk, table, project.root)
    note = workflows.check_source(sdk)
    idf = wanted(sdk, chip_of(target)).version if target.port == "esp32" else None
    made = workflows.for_firmware(project, sdk.version, idf)
    place = made.write(workflows.repository_of(project.root), replace=options.force)
    session.out.text(_("Wrote {file}: GitHub builds the firmware at each push.", file=place))
    if note is not None:
        session.out.text(note)
    session.out.record({"kind": "workflow", "path": str(place), "micropython": sdk.version, "idf": idf})
    return 0


def report(options: argparse.Namespace, session: Session) -> int:
    """What the last firmware was built of, to be copied into a ticket or a release."""
    found = _built(options)
    session.out.text(reports.text(found.record).rstrip())
    session.out.record({"kind": "firmware-report", **found.record})
    return 0


def flash(options: argparse.Namespace, session: Session) -> int:
    """Write the last firmware to a board, with the files on it kept."""
    from ide.cli import flash_options, flash_write

    found = _built(options)
    if found.port == "stm32":
        from ide.cli.verbs import dfu

        return dfu.write(session, found.product)
    if found.port != "esp32":
        raise UsageError(
            _("A firmware of the port {port} is not written by esptool.", port=found.port),
            next_step=_("unix and qemu run here: natmod run. An STM32 is written with: natmod dfu write"),
        )
    parser = argparse.ArgumentParser()
    flash_options.add(parser, ("write",))
    port = ["--port", options.to] if options.to else []
    return flash_write.run(parser.parse_args(["write", "--firmware", str(found.product), *port]), session)


def _built(options: argparse.Namespace) -> Result:
    project = asked(options)
    table = table_of(project)
    found = result_of(project)
    if found is None:
        raise NotBuilt(table.label)
    return found
