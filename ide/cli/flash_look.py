"""``natmod flash detect`` and ``label``: what is on a port, what it should get, and its name."""

from __future__ import annotations

import argparse

from ide.board.flash import choose, security
from ide.board.flash.choose import Proposal
from ide.board.flash.facts_words import chip_words, running_words
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.labels import Labels
from ide.board.flash.picks import firmware_title
from ide.board.flash.records import BoardFacts, Security
from ide.board.flash.usb import mac_of
from ide.cli.flash_parts import catalog_of, facts_record, firmware_record, look, ports_of, words_of
from ide.cli.verb import Session
from toolchains.errors import StudioError, UsageError
from toolchains.text import Text, _


def detect(options: argparse.Namespace, session: Session) -> int:
    """Each port that is named, or each board that is plugged in; the exit code."""
    words_of(options, 0)
    ports = options.port or ports_of(session)
    with catalog_of(options, session) as (catalog, _sources):
        return _detect(options, session, ports, catalog)


def _detect(options: argparse.Namespace, session: Session, ports: list[str], catalog: FirmwareCatalog) -> int:
    labels = Labels.of(session.toolbox.paths).all()
    found, records, errors = 0, [], []
    for port in ports:
        options.port = [port]
        try:
            facts, _pressed = look(options, session)
        except StudioError as error:
            session.ctx.check()
            if len(ports) == 1:
                raise
            errors.append(error)
            session.out.error(error)
            continue
        best = _best(facts, catalog)
        label = labels.get(facts.chip.mac, "") if facts.chip is not None else ""
        _show(session, facts, best, label, apart=found > 0)
        found += 1
        records.append({**facts_record(facts), "label": label, "proposal": _record(best)})
    session.out.record({"kind": "flash-detect", "boards": records})
    return 1 if errors else 0


def _best(facts: BoardFacts, catalog: FirmwareCatalog) -> Proposal | None:
    return next(iter(choose.propose(facts, catalog)), None)


def _record(best: Proposal | None) -> dict[str, object] | None:
    if best is None:
        return None
    why = str(best.why_not) if best.why_not is not None else None
    return {
        "firmware": firmware_record(best.firmware), "reason": str(best.reason), "fits": best.fits, "why_not": why,
    }  # fmt: skip


def _show(session: Session, facts: BoardFacts, best: Proposal | None, label: str, *, apart: bool) -> None:
    rows: list[tuple[object, object]] = [(_("chip"), chip_words(facts))]
    if label:
        rows.append((_("label"), label))
    if facts.chip is not None:
        rows += [(_("locks"), text) for text in _locks(facts.chip.security)]
    rows.append((_("it runs"), running_words(facts)))
    if best is not None:
        rows.append((_("firmware"), firmware_title(best.firmware)))
        rows.append((_("why"), best.reason if best.fits else best.why_not or best.reason))
    if apart:
        session.out.text()
    session.out.table((_("port"), facts.port), rows)
    locked = facts.chip is not None and security.starts_nothing_else(facts.chip.security)
    if facts.running is None and best is not None and best.fits and not locked:
        session.out.text(_("Put it there: natmod flash write --port {port}", port=facts.port))


def _locks(found: Security) -> list[Text]:
    """What is known, and how to know it."""
    if found.known:
        return security.words(found)
    return [
        _("{said} To ask it: natmod flash detect --thorough (it restarts the board).", said=text)
        for text in security.words(found)
    ]


def label(options: argparse.Namespace, session: Session) -> int:
    """Name a board, by its MAC or the port it is at; without a name, list them."""
    words: list[str] = options.what
    labels = Labels.of(session.toolbox.paths)
    if words or options.port:
        mac = mac_of(words[0]) if words else ""
        name = " ".join(words[1:] if mac else words)
        if not mac:
            facts, _pressed = look(options, session)
            mac = facts.chip.mac if facts.chip is not None else ""
        if not name and not labels.get(mac):
            raise UsageError(
                _("How shall it be called?"), next_step=_("Example: {example}",
                                                          example="natmod flash label 'bench 3' --port COM3"),
            )  # fmt: skip
        labels.put(session.ctx, mac, name)
        session.out.text(_said(mac, labels.get(mac)))
    else:
        for mac, name in labels.all().items():
            session.out.text(_said(mac, name))
    session.out.record({"kind": "flash-labels", "labels": labels.all()})
    return 0


def _said(mac: str, name: str) -> Text:
    return _("{mac} is called {name}.", mac=mac, name=name) if name else _("{mac} has no name.", mac=mac)
