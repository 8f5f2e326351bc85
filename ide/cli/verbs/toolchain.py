"""``natmod toolchain``: who compiles for which architecture, what is here, what can be had; getting and keeping."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ide.cli import toolchain_pack
from ide.cli.toolchain_list import show_installed, show_list
from ide.cli.verb import Session, Verb
from toolchains.errors import UsageError
from toolchains.text import _, _n
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.fetch import OfflineSource
    from toolchains.store import FileFault

#: Files that are named at most, of those that are not as they were.
_SHOWN = 20
_SHELLS = ("sh", "fish", "powershell", "cmd")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=tuple(_ACTIONS))
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=str(
            _(
                "install, env, terminal: an architecture, a chip or TOOL@VERSION; remove, verify, repair: the last; "
                "default: an architecture and TOOL@VERSION; import: a tools.json"
            )
        ),
    )
    parser.add_argument("--arch", help=str(_("list: only this architecture")))
    parser.add_argument("--all", action="store_true", help=str(_("list: all that can be had")))
    parser.add_argument("--provider", help=str(_("install: only from this provider")))
    parser.add_argument(
        "--from", dest="source", metavar="PACK", help=str(_("install, repair: a pack: a file, a folder or an address"))
    )
    parser.add_argument("--shell", choices=_SHELLS, help=str(_("env: for this shell")))
    parser.add_argument("--reset", action="store_true", help=str(_("default: leave the choice to Natmod Studio")))
    toolchain_pack.add_options(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _list(options: argparse.Namespace, session: Session) -> int:
    from toolchains.pack_source import PackSource

    with PackSource.remembered(session.ctx, session.toolbox.paths, here=True) or nullcontext() as pack:
        sources = [] if pack is None else [pack]
        show_list(session, options.arch or next(iter(options.what), None), every=options.all, sources=sources)
    return 0


def _install(options: argparse.Namespace, session: Session) -> int:
    names, toolchains = _named(options, "natmod toolchain install xtensawin"), session.toolbox.toolchains
    # Who names a pack wants what is in it, and nothing from the network.
    provider = "pack" if options.source is not None and options.provider is None else options.provider
    with _sources(options, session) as sources:
        got = [(what, toolchains.install(session.ctx, what, sources=sources, provider=provider)) for what in names]
    show_installed(session, got)
    return 0


def _remove(options: argparse.Namespace, session: Session) -> int:
    gone = []
    for what in _named(options, "natmod toolchain remove xtensa-esp-elf@esp-14.2.0_20241119"):
        gone.append(session.toolbox.toolchains.remove(session.ctx, what).id)
        session.out.text(_("Removed {name}.", name=gone[-1]))
    session.out.record({"kind": "toolchains-removed", "ids": gone})
    return 0


def _verify(options: argparse.Namespace, session: Session) -> int:
    toolchains = session.toolbox.toolchains
    names = options.what or [one.id for one in toolchains.installed() if one.ours]
    records = []
    if not names:
        session.out.text(_("Natmod Studio has installed no toolchain yet."))
    for name in names:
        faults = toolchains.verify(session.ctx, name)
        _say_faults(session, name, faults)
        records.append({"id": name, "faults": [{"path": one.path, "fault": one.kind} for one in faults]})
    session.out.record({"kind": "toolchains-verified", "toolchains": records})
    return 1 if any(record["faults"] for record in records) else 0


def _say_faults(session: Session, name: str, faults: list[FileFault]) -> None:
    if not faults:
        session.out.text(_("{name}: every file is as it was installed.", name=name))
        return
    n = len(faults)
    session.out.text(_n("{name}: {n} file is not as it was.", "{name}: {n} files are not as they were.", n, name=name))
    for fault in faults[:_SHOWN]:
        session.out.text(f"  {fault.text}")
    session.out.text(_("Mend it with: natmod toolchain repair {name}", name=name))


def _repair(options: argparse.Namespace, session: Session) -> int:
    names = _named(options, "natmod toolchain repair xtensa-esp-elf@esp-14.2.0_20241119")
    toolchains = session.toolbox.toolchains
    with _sources(options, session) as sources:
        got = [(what, toolchains.repair(session.ctx, what, sources=sources)) for what in names]
    show_installed(session, got)
    return 0


def _prune(_options: argparse.Namespace, session: Session) -> int:
    freed = session.toolbox.toolchains.prune(session.ctx)
    session.out.text(_("{size} became free.", size=size_text(freed)))
    session.out.record({"kind": "toolchains-pruned", "bytes": freed})
    return 0


def _env(options: argparse.Namespace, session: Session) -> int:
    """Lines for a shell to evaluate: nobody's start-up files are edited."""
    (what,) = _named(options, 'eval "$(natmod toolchain env xtensawin)"', most=1)
    toolchains = session.toolbox.toolchains
    one = toolchains.named(session.ctx, what)
    values = toolchains.environment(one.id)
    shell = options.shell or ("powershell" if session.ctx.host.system == "windows" else "sh")
    for name, value in values.items():
        session.out.text(_assignment(shell, name, value))
    session.out.record({"kind": "toolchain-environment", "id": one.id, "environment": values})
    return 0


def _assignment(shell: str, name: str, value: str) -> str:
    if shell == "cmd":
        return f'set "{name}={value}"'
    if shell == "powershell":
        return f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'"
    if shell == "fish":
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"set -gx {name} '{quoted}'"
    return f"export {name}='{value.replace(chr(39), chr(39) + chr(92) + chr(39) * 2)}'"


def _terminal(options: argparse.Namespace, session: Session) -> int:
    from toolchains.terminals import open_terminal

    (what,) = _named(options, "natmod toolchain terminal xtensawin", most=1)
    toolchains = session.toolbox.toolchains
    one = toolchains.named(session.ctx, what)
    open_terminal(session.ctx.host, session.toolbox.paths, toolchains.environment(one.id), one.id, Path.cwd())
    session.out.text(_("A terminal with {name} is opening.", name=one.id))
    session.out.record({"kind": "toolchain-terminal", "id": one.id})
    return 0


def _default(options: argparse.Namespace, session: Session) -> int:
    arch, *names = _named(options, "natmod toolchain default xtensawin xtensa-esp-elf@esp-14.2.0_20241119", most=2)
    toolchains = session.toolbox.toolchains
    if names or options.reset:
        toolchains.set_default(arch, names[0] if names else None)
    chosen = toolchains.default_of(arch)
    if chosen is None:
        session.out.text(_("{arch}: Natmod Studio chooses.", arch=arch))
    else:
        session.out.text(_("{arch}: {name}, as you chose.", arch=arch, name=chosen))
    session.out.record({"kind": "toolchain-default", "arch": arch, "id": chosen})
    return 0


def _import(options: argparse.Namespace, session: Session) -> int:
    from toolchains.catalog import Catalog

    new = []
    for what in _named(options, "natmod toolchain import ~/esp/esp-idf/tools/tools.json"):
        catalog = Catalog.of(session.toolbox.paths)
        new += catalog.import_file(session.ctx, Path(what).expanduser())
    for release in new:
        session.out.text(release.id)
    session.out.text(_n("{n} toolchain is new.", "{n} toolchains are new.", len(new)))
    session.out.record({"kind": "toolchains-imported", "ids": [release.id for release in new]})
    return 0


def _pack(options: argparse.Namespace, session: Session) -> int:
    return toolchain_pack.run(options, session)


def _named(options: argparse.Namespace, example: str, most: int | None = None) -> list[str]:
    """The words after the action: at least one, and at most ``most``."""
    words: list[str] = options.what
    if not words:
        raise UsageError(
            _("'natmod toolchain {action}' needs one more word.", action=options.action),
            next_step=_("Example: {example}", example=example),
        )
    if most is not None and len(words) > most:
        raise UsageError(
            _("'natmod toolchain {action}' takes fewer words.", action=options.action),
            next_step=_("Example: {example}", example=example),
        )
    return words


@contextmanager
def _sources(options: argparse.Namespace, session: Session) -> Iterator[list[OfflineSource]]:
    """The pack that is named, which is remembered if it served; else the remembered one, if it can be reached."""
    from toolchains.pack_memory import remember
    from toolchains.pack_source import PackSource

    if options.source is not None:
        pack: PackSource | None = PackSource.open(session.ctx, options.source)
    else:
        pack = PackSource.remembered(session.ctx, session.toolbox.paths)
    with pack or nullcontext():
        yield [] if pack is None else [pack]
    if pack is not None and options.source is not None:
        remember(session.toolbox.paths, pack.where)


_ACTIONS: dict[str, Callable[[argparse.Namespace, Session], int]] = {
    "list": _list,
    "install": _install,
    "remove": _remove,
    "verify": _verify,
    "repair": _repair,
    "prune": _prune,
    "env": _env,
    "terminal": _terminal,
    "default": _default,
    "import": _import,
    "pack": _pack,
}

VERB = Verb(
    "toolchain",
    _("show, get and keep the compilers for each architecture"),
    _(
        "Each one was tried by running it. A project may pin one in natmod.toml: "
        "[pin] compiler = {{ xtensawin = 'esp-14.2.0_20241119' }}\n"
        "Examples: natmod toolchain; natmod toolchain install esp32s3; natmod toolchain install xtensawin --from "
        'lab.natmodpack; eval "$(natmod toolchain env xtensawin)"'
    ),
    _arguments,
    _run,
)
