"""``natmod flash backup``, ``restore`` and ``erase``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ide.board.flash import backup as backups_of
from ide.board.flash import follow, on_chip, security
from ide.board.flash import restore as restoring
from ide.board.flash.backup_place import Backup, backups, folder_of, open_backup, prove
from ide.board.flash.commands import Before
from ide.board.flash.errors import chip_title
from ide.board.flash.facts_words import chip_words
from ide.board.flash.keep import keep_files, keep_replaced
from ide.board.flash.on_chip import Chip
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts, Flashed
from ide.cli.flash_parts import facts_record, flashed_record, on_chip_of, words_of
from ide.cli.flash_write import places, show_backup, show_written
from ide.cli.verb import Session
from toolchains.errors import UsageError, disk_errors
from toolchains.text import Text, _, _n
from toolchains.units import size_text

_ZIP = ".zip"
_WHOLE: dict[str, Text] = {"flash": _("the whole flash"), "files": _("files")}


def backup(options: argparse.Namespace, session: Session) -> int:
    """Keep the files, the whole flash, or one partition; the exit code."""
    what = next(iter(words_of(options, 1)), "files")
    out: Path | None = options.out
    as_file = out is not None and out.suffix == _ZIP
    if out is not None and as_file and out.exists():
        raise UsageError(_("{path} is there already.", path=out), next_step=_("Choose another name, or a folder."))
    into = out.parent if out is not None and as_file else out
    kept = on_chip_of(options, session, lambda facts, before: _made(session, facts, before, what, into, as_file))
    if out is not None and as_file:
        with disk_errors(out):
            session.ctx.host.replace(kept.place, out)
        kept = Backup(out, kept.manifest)
    _show_kept(session, kept)
    return 0


def _made(session: Session, facts: BoardFacts, before: Before, what: str, into: Path | None, as_file: bool) -> Backup:
    ctx, box, chip, at = session.ctx, session.toolbox, chip_of(facts), facts.port
    if what == "flash":
        return backups_of.flash(ctx, box, at, into=into, facts=chip, as_file=as_file, before=before)
    if what == "files":
        return backups_of.files(ctx, box, at, into=into, facts=chip, as_file=as_file, before=before)
    return backups_of.partition(ctx, box, at, what, into=into, facts=chip, as_file=as_file, before=before)


def _show_kept(session: Session, kept: Backup) -> None:
    manifest, out = kept.manifest, session.out
    out.text(_("Kept in {place}: {what}.", place=kept.place, what=_words(kept)))
    if manifest.kind == "files":
        files = [file for file in manifest.files if not file.folder]
        out.text(_n("It has {n} file.", "It has {n} files.", len(files)))
        for path in manifest.broken:
            out.text(_("Could not be read: {path}. The image that is kept with the files has it as it is.", path=path))
    out.record({"kind": "flash-backup", **_record(kept)})


def _words(kept: Backup) -> Text:
    manifest = kept.manifest
    what = _("partition {name}", name=manifest.partition) if manifest.kind == "partition" else _WHOLE[manifest.kind]
    size, board = size_text(manifest.image_size), manifest.mac or chip_title(manifest.chip)
    return _("{what} of {board}, {size}", what=what, board=board, size=size)


def _record(kept: Backup) -> dict[str, object]:
    manifest = kept.manifest
    return {
        "place": str(kept.place),
        "what": manifest.kind,
        "partition": manifest.partition,
        "created": manifest.created,
        "chip": manifest.chip,
        "mac": manifest.mac,
        "size": manifest.image_size,
        "files": [file.path for file in manifest.files if not file.folder],
        "broken": list(manifest.broken),
    }


# --- back again ------------------------------------------------------------------------------------------------------


def restore(options: argparse.Namespace, session: Session) -> int:
    """Put a backup back; without a word, list those that there are; the exit code."""
    word = next(iter(words_of(options, 1)), None)
    if word is None:
        return _list(session)
    place = _place(session, word)
    kept = open_backup(place)
    session.out.text(_("{place}: {what}.", place=place, what=_words(kept)))
    saved, done = on_chip_of(options, session, lambda facts, before: _put_back(options, session, facts, before, kept))
    show_written(session, done)
    session.out.record({"kind": "flash-restore", "backup": _record(kept), "backups": places(saved),
                        "flashed": flashed_record(done)})  # fmt: skip
    return 0


def _put_back(
    options: argparse.Namespace, session: Session, facts: BoardFacts, before: Before, kept: Backup
) -> tuple[Sequence[Backup], Flashed]:
    """What the board had is saved first."""
    ctx, box, kind = session.ctx, session.toolbox, kept.manifest.kind
    prove(ctx, kept)
    restoring.check(facts.port, kept, chip_of(facts))
    saved = () if options.no_backup else keep_replaced(ctx, box, facts, kept, options.out, before)
    for one in saved:
        show_backup(session, one)
    done = restoring.restore(
        ctx, box, follow.now(ctx, facts).port, kept.place, facts=chip_of(facts),
        prove_it=(kind == "flash" or facts.running is not None) and before == "default-reset", before=before,
    )  # fmt: skip
    return saved, done


def _place(session: Session, word: str) -> Path:
    """A path, or the name of one in the folder of backups."""
    path = Path(word).expanduser()
    named = folder_of(session.toolbox.paths) / word
    return named if not path.exists() and named.exists() else path


def _list(session: Session) -> int:
    found = backups(folder_of(session.toolbox.paths))
    for kept in found:
        session.out.text(_("{name}: {what}", name=kept.place.name, what=_words(kept)))
    if not found:
        session.out.text(_("There are no backups in {folder}.", folder=folder_of(session.toolbox.paths)))
    session.out.record({"kind": "flash-backups", "backups": [_record(kept) for kept in found]})
    return 0


# --- nothing left ----------------------------------------------------------------------------------------------------


def erase(options: argparse.Namespace, session: Session) -> int:
    """Erase everything, or one partition; the files are kept before; the exit code."""
    name = next(iter(words_of(options, 1)), "")
    if options.erase == "keep":
        raise UsageError(
            _("'natmod flash erase' keeps nothing on the board."),
            next_step=_("To write firmware and keep the files: natmod flash write --erase keep"),
        )
    return on_chip_of(options, session, lambda facts, before: _erased(options, session, facts, before, name))


def _erased(options: argparse.Namespace, session: Session, facts: BoardFacts, before: Before, name: str) -> int:
    ctx, box, at = session.ctx, session.toolbox, facts.port
    if not options.force:
        security.check(at, chip_of(facts).security)
    security.check_erase(at, chip_of(facts).security)
    with on_chip.opened(ctx, box, at, chip_of(facts), before) as chip:
        region, has_files = _region(chip, name)
    session.out.text(_("{port}: {board}", port=at, board=chip_words(facts)))
    if region is None:
        session.out.text(_("Everything on the board is erased: its firmware, its files and its settings."))
    else:
        session.out.text(_("What is in {name} is erased; everything else on the board stays.", name=name))
    keeps, facts = has_files and not options.no_backup, follow.now(ctx, facts)
    kept = keep_files(ctx, box, facts, options.out, before, only=name or None) if keeps else ()
    for one in kept:
        show_backup(session, one)
    at = follow.now(ctx, facts).port
    with on_chip.opened(ctx, box, at, chip_of(facts), before) as chip:
        chip.erase(region, force=options.force)
    session.out.text(
        _("The flash is empty now. Next: natmod flash write --port {port}", port=at) if region is None else _("Erased.")
    )
    session.out.record(
        {"kind": "flash-erase", "board": facts_record(facts), "region": list(region) if region else None,
         "backups": places(kept)}
    )  # fmt: skip
    return 0


def _region(chip: Chip, name: str) -> tuple[tuple[int, int] | None, bool]:
    """Address and size of the partition (None: everything), and whether it has files."""
    if not name:
        return None, True
    table = chip.table()
    part = on_chip.partition_of(table, name, chip.flash_size)
    return (part.offset, part.size), part in table.filesystems
