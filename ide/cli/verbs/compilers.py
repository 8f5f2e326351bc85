"""``natmod compilers``: which compiler serves which architecture and why, and getting those that are missing."""

from __future__ import annotations

import argparse

from ide.cli.verb import Session, Verb
from toolchains import providers
from toolchains.chips import Arch, arch, arches
from toolchains.compiler_offers import Offer, get, offer_for
from toolchains.compilers import Candidate
from toolchains.errors import UsageError
from toolchains.text import Text, _
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "get"))
    parser.add_argument("what", nargs="?", metavar="ARCH", help=str(_("get: the architecture")))
    parser.add_argument("--arch", help=str(_("only this architecture")))
    parser.add_argument("--runtime", action="store_true", help=str(_("get: with a maths library")))


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.action == "get":
        return _get(options, session)
    rows: list[tuple[object, ...]] = []
    records, offers = [], []
    for one in [arch(options.arch)] if options.arch else arches().values():
        candidates = session.toolbox.compilers.candidates(session.ctx, one)
        first = next((c for c in candidates if c.compiler), None)
        for candidate in candidates:
            rows.append((one.name, *_row(candidate, candidate is first)))
            records.append({"arch": one.name, "chosen": candidate is first, **_record(candidate)})
        offer = _offer(session, one, candidates)
        if offer is not None:
            rows.append((one.name, offer.program, "-", _remark(offer)))
            offers.append(_offer_record(offer))
    session.out.table((_("architecture"), _("compiler"), _("version"), _("remark")), rows)
    for broken in providers.plugged()[1]:
        session.out.error(broken.error)
    session.out.record({"kind": "compilers", "compilers": records, "offers": offers})
    return 0


def _get(options: argparse.Namespace, session: Session) -> int:
    name = options.what or options.arch
    if name is None:
        raise UsageError(
            _("'natmod compilers {action}' needs one more word.", action="get"),
            next_step=_("Example: natmod compilers get xtensawin"),
        )
    toolbox = session.toolbox
    choice = get(session.ctx, toolbox.compilers, toolbox.paths, arch(name), runtime=options.runtime)
    session.out.text(_("{arch}: {compiler}, {reason}.", arch=name, compiler=choice.compiler, reason=choice.reason))
    found = Candidate(choice.compiler.command, choice.compiler, None)
    session.out.record({"kind": "compiler", "arch": name, **_record(found)})
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


def _offer(session: Session, one: Arch, candidates: list[Candidate]) -> Offer | None:
    """What could be had besides; None where something serves and nothing better can be had."""
    offer = offer_for(session.ctx.host, one)
    serves = [candidate.compiler.program for candidate in candidates if candidate.compiler is not None]
    better = offer.preferred and offer.command and offer.program not in serves
    return offer if better or not serves else None


def _remark(offer: Offer) -> Text:
    if not offer.command:
        return _("not here: {reason}", reason=offer.problem)
    if offer.size is None:
        return _("not here; get it with: {command}", command=offer.command)
    return _("not here; get it ({size}) with: {command}", size=size_text(offer.size), command=offer.command)


def _offer_record(offer: Offer) -> dict[str, object]:
    return {
        "arch": offer.arch,
        "program": offer.program,
        "command": offer.command or None,
        "size": offer.size,
        "problem": str(offer.problem) if offer.problem else None,
    }


VERB = Verb(
    "compilers",
    _("show the compilers that serve each architecture, or get one"),
    _(
        "Each one was tried by running it. A project may pin one in natmod.toml: "
        "[pin] compiler = {{ rv32imc = 'gcc' }}\n"
        "Examples: natmod compilers; natmod compilers get xtensawin; natmod compilers get armv7m --runtime"
    ),
    _arguments,
    _run,
)
