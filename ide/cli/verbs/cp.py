"""``natmod cp``: files to the board, from it, or from one place on it to another."""

from __future__ import annotations

import argparse
import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path

from ide.board.files import browse, transfer
from ide.board.files.errors import IsFolder
from ide.board.files.records import TransferReport, Upload
from ide.board.link import Board
from ide.cli.board_paths import here, is_on_board, on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import _, _n
from toolchains.units import size_text, time_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help=str(_("sources, then the target; :PATH is the board")))
    parser.add_argument("-r", "--recursive", action="store_true", help=str(_("folders with all that is in them")))
    parser.add_argument("-f", "--force", action="store_true", help=str(_("send what the board has already, too")))
    parser.add_argument("-n", "--no-overwrite", action="store_true", help=str(_("stop where a file would be replaced")))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    *sources, target = options.paths
    if not sources:
        raise UsageError(_("'natmod cp' needs a source and a target."), next_step=_("Example: natmod cp main.py :lib/"))
    up, down = is_on_board(target), all(map(is_on_board, sources))
    if not up and not down:
        raise UsageError(
            _("Neither the source nor the target is on the board."),
            next_step=_("Put a colon before the path that is: natmod cp {source} :", source=sources[0]),
        )
    if up and not down and any(map(is_on_board, sources)):
        raise UsageError(_("Some of the sources are on the board and some are here."),
                         next_step=_("Copy the ones first, then the others."))  # fmt: skip
    with the_board(options, session) as board:
        if not up:
            report = _from_board(options, session.ctx, board, sources, target)
        else:
            (place,) = on_board(session.ctx, board, [target])
            if down:
                report = _send(options, session.ctx, board, _of_board(session.ctx, board, sources, place))
            else:
                report = _to_board(options, session.ctx, board, here(sources), place)
    _show(session, report, to_board=up)
    return 0


def _is_folder(ctx: JobContext, board: Board, place: str) -> bool:
    return place.endswith("/") or browse.kinds(ctx, board, [place])[place] == "folder"


def _send(options: argparse.Namespace, ctx: JobContext, board: Board, files: Sequence[Upload]) -> TransferReport:
    return transfer.upload(ctx, board, files, overwrite=not options.no_overwrite, again=options.force)


def _to_board(
    options: argparse.Namespace, ctx: JobContext, board: Board, sources: Sequence[Path], place: str
) -> TransferReport:
    if len(sources) == 1 and not sources[0].is_dir() and not place.endswith("/"):
        # Whether the place is a folder shows when the file goes there: one question less.
        try:
            return _send(options, ctx, board, [Upload(sources[0], place)])
        except IsFolder:
            inside = True
    else:
        inside = len(sources) > 1 or _is_folder(ctx, board, place)
    return _send(options, ctx, board, list(_of_this_computer(options, sources, place, inside=inside)))


def _of_this_computer(
    options: argparse.Namespace, sources: Sequence[Path], place: str, *, inside: bool
) -> Iterator[Upload]:
    for source in sources:
        path = posixpath.join(place, source.resolve().name) if inside else place
        if not source.is_dir():
            yield Upload(source, path)
            continue
        if not options.recursive:
            raise UsageError(_("{source} is a folder.", source=str(source)), next_step=_("Add -r to copy all of it."))
        for file in sorted(source.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield Upload(file, posixpath.join(path, file.relative_to(source).as_posix()))


def _of_board(ctx: JobContext, board: Board, sources: Sequence[str], place: str) -> list[Upload]:
    paths = on_board(ctx, board, sources)
    inside = len(paths) > 1 or _is_folder(ctx, board, place)
    return [
        Upload(transfer.read_file(ctx, board, path).data, posixpath.join(place, posixpath.basename(path)))
        if inside
        else Upload(transfer.read_file(ctx, board, path).data, place)
        for path in paths
    ]


def _from_board(
    options: argparse.Namespace, ctx: JobContext, board: Board, sources: Sequence[str], target: str
) -> TransferReport:
    paths = [path.rstrip("/") or "/" for path in on_board(ctx, board, sources)]
    kinds = browse.kinds(ctx, board, paths)
    for path, kind in kinds.items():
        if kind == "folder" and not options.recursive:
            raise IsFolder(path, _("Add -r to copy all of it."))
    folder = Path(target)
    inside = len(paths) > 1 or "folder" in kinds.values() or folder.is_dir() or target.endswith(("/", "\\"))
    if options.no_overwrite:
        _refuse_to_replace([folder / posixpath.basename(path) for path in paths] if inside else [folder])
    if inside:
        return transfer.download(ctx, board, paths, folder)
    return transfer.download_as(ctx, board, paths[0], folder)


def _refuse_to_replace(places: Sequence[Path]) -> None:
    for place in places:
        if place.exists():
            raise UsageError(
                _("{place} is there already.", place=str(place)),
                next_step=_("Choose another target, or leave --no-overwrite out."),
            )


def _show(session: Session, report: TransferReport, *, to_board: bool) -> None:
    session.out.record({"kind": "cp", **report.to_json()})
    for file in report.files:
        ends = [str(file.local), f":{file.path}"] if file.local else [f":{file.path}"]
        way = " → ".join(ends if to_board else reversed(ends))
        session.out.text(_("{way} (is there already)", way=way) if file.skipped else way)
    session.out.text(
        _n(
            "{n} file, {size} sent in {time}",
            "{n} files, {size} sent in {time}",
            len(report.files),
            size=size_text(report.n_bytes),
            time=time_text(report.seconds),
        )
    )


VERB = Verb(
    "cp",
    _("copy files to a board and from it"),
    _(
        "A colon marks the board's side. Each file is written under a temporary name, verified by its hash on the\n"
        "board, then renamed; what is there already is not sent again. The board is not reset.\n"
        "Examples: natmod cp main.py :; natmod cp -r lib :/; natmod cp :data.csv .; natmod cp :a.py :b.py"
    ),
    _arguments,
    _run,
)
