"""``natmod compilers``: which compiler serves which architecture, and why."""

from __future__ import annotations

import argparse

from ide.cli.verb import Session, Verb
from toolchains.chips import arch, arches
from toolchains.compilers import Candidate
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--arch", help=str(_("only this architecture")))


def _run(options: argparse.Namespace, session: Session) -> int:
    chosen = [arch(options.arch)] if options.arch else list(arches().values())
    rows: list[tuple[object, ...]] = []
    records = []
    for one in chosen:
        candidates = session.toolbox.compilers.candidates(session.ctx, one)
        first = next((c for c in candidates if c.compiler), None)
        for candidate in candidates:
            rows.append((one.name, *_row(candidate, candidate is first)))
            records.append({"arch": one.name, "chosen": candidate is first, **_record(candidate)})
        if not candidates:
            rows.append((one.name, "-", "-", _("no compiler found")))
    session.out.table((_("architecture"), _("compiler"), _("version"), _("remark")), rows)
    session.out.record({"kind": "compilers", "compilers": records})
    return 0


def _row(candidate: Candidate, chosen: bool) -> tuple[object, ...]:
    command = " ".join(candidate.command)
    if candidate.compiler is None:
        return command, "-", candidate.problem
    return command, candidate.compiler.version, _("chosen") if chosen else ""


def _record(candidate: Candidate) -> dict[str, object]:
    compiler = candidate.compiler
    return {
        "command": list(candidate.command),
        "version": compiler.version if compiler else None,
        "origin": compiler.origin if compiler else None,
        "problem": str(candidate.problem) if candidate.problem else None,
    }


VERB = Verb(
    "compilers",
    _("show the compilers that serve each architecture"),
    _("Each one was tried by running it. A project may pin one in natmod.toml: [pin] compiler = {{ rv32imc = 'gcc' }}"),
    _arguments,
    _run,
)
