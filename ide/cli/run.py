"""Finds the verb, runs it in a job that Ctrl-C cancels, and turns errors into a sentence and an exit code."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from ide.cli.columns import HelpFormatter, fix_usage
from ide.cli.language import add_language, argparse_in, speak
from ide.cli.other_tools import is_other, show_other
from ide.cli.output import Output, ReaderGone
from ide.cli.verb import Session, Verb
from toolchains.errors import BuildError, Cancelled, StudioError, UsageError
from toolchains.jobs import JobContext, Note
from toolchains.text import _

#: In the order in which a newcomer meets them. Each is ``ide/cli/verbs/<name>.py`` with a record called VERB.
VERBS = (
    "window",
    "demo",
    "learn",
    "new",
    "build",
    "compile",
    "run",
    "watch",
    "test",
    "compdb",
    "stub",
    "stubs",
    "doctor",
    "mend",
    "crash",
    "deploy",
    "boards",
    "firmware",
    "package",
    "flash",
    "dfu",
    "ls",
    "cp",
    "sync",
    "cat",
    "rm",
    "mkdir",
    "mv",
    "mem",
    "heap",
    "cost",
    "card",
    "partitions",
    "df",
    "mip",
    "plot",
    "race",
    "sim",
    "sdk",
    "toolchain",
    "inspect",
)


def load_verb(name: str) -> Verb:
    """The verb called ``name``."""
    verb = importlib.import_module(f"ide.cli.verbs.{name}").VERB
    assert isinstance(verb, Verb)
    return verb


def run_verb(args: Sequence[str]) -> int:
    """Run the verb that ``args`` begin with; the exit code."""
    try:
        language, words = speak(args)
        with argparse_in(language):
            chosen = _understood(words)
    except UsageError as error:
        Output(as_json="--json" in args).error(error)
        return error.exit_code
    if isinstance(chosen, int):
        return chosen
    verb, options = chosen
    options.lang = language
    return _run(verb, options)


def _understood(args: list[str]) -> tuple[Verb, argparse.Namespace] | int:
    """The verb and its options; the exit code where there is no verb to run. ``UsageError`` for a wrong word."""
    name = next((word for word in args if not word.startswith("-")), None)
    if name == "help":  # "natmod help", "natmod help run", "natmod help mpremote"
        about = [word for word in args if word != "help"]
        return show_other(Output(), about[0]) if about[:1] and is_other(about[0]) else _understood([*about, "--help"])
    if name not in VERBS:
        return _no_verb(args)
    verb = load_verb(name)
    args.remove(name)
    return verb, _verb_parser(verb).parse_intermixed_args(args)


def _run(verb: Verb, options: argparse.Namespace) -> int:
    gc.freeze()  # what was loaded so far
    gc.enable()
    out = Output(as_json=options.json, verbose=options.verbose)
    session = Session(JobContext(sink=out.event), out)
    try:
        with _signals_cancel(session.ctx):
            _check_folder()
            return verb.run(options, session)
    except ReaderGone as error:
        return error.exit_code
    except StudioError as error:
        out.error(error)
        if isinstance(error, BuildError) and verb.name not in ("compile", "doctor") and not options.json:
            out.event(Note(_("What this means, and often the cure: natmod doctor")))
        return error.exit_code
    except KeyboardInterrupt:
        out.error(Cancelled())
        return Cancelled.exit_code
    finally:
        out.end_bar()
        session.close()


def _check_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError(
            _("The folder that you are in is not there any more."),
            next_step=_("Go to another one with cd, then try again."),
        ) from None


@contextmanager
def _signals_cancel(ctx: JobContext) -> Iterator[None]:
    """Ctrl-C and a request to end cancel the job; a second Ctrl-C interrupts at once."""

    def handler(number: int, frame: FrameType | None) -> None:
        if ctx.cancelled:
            raise KeyboardInterrupt
        ctx.cancel()

    names = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(name, handler) for name in names]
    try:
        yield
    finally:
        for name, old in zip(names, before, strict=True):
            signal.signal(name, old)


def _no_verb(args: Sequence[str]) -> int:
    """Without a verb: the version or the help. ``UsageError`` for a verb that there is not."""
    if "--version" in args:  # without the verbs, whose help costs 100 ms
        from importlib import metadata  # 60 ms that no other call should pay

        Output().text(metadata.version("natmod-studio"))
        return 0
    parser = _top_parser()
    options, unknown = parser.parse_known_args(args)
    if options.verb is None and not unknown:
        parser.print_help()
        return 0
    name = options.verb or unknown[0]
    if is_other(name):
        raise UsageError(
            _("{name} is another tool.", name=name),
            next_step=_("What its commands are called here: natmod help {name}", name=name),
        )
    import difflib  # only for the wrong word

    near = difflib.get_close_matches(name, (*VERBS, "help"), 1)
    hint = _("Did you mean {near}?", near=near[0]) if near and near[0] in VERBS else _("'natmod --help' lists them.")
    raise UsageError(_("There is no verb called {name}.", name=name), next_step=hint)


def _top_parser() -> argparse.ArgumentParser:
    lines = [str(_("verbs:"))]
    for name in VERBS:
        lines.append(f"  {name:<11}{load_verb(name).help}")
    lines += ["", str(_("'natmod VERB --help' teaches one of them.")), str(_("Start with: natmod demo"))]
    lines += [str(_("Coming from mpremote, ampy or rshell: natmod help mpremote"))]
    parser = _Parser(
        prog="natmod",
        usage=str(_("natmod [-h] [--version] [--lang LANG] VERB …")),
        description=str(_("Native modules for MicroPython: from C to a running board, without make.")),
        epilog="\n".join(lines),
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help=str(_("print the version")))
    add_language(parser)
    parser.add_argument("verb", nargs="?", metavar="VERB", help=argparse.SUPPRESS)
    return parser


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print, so that a wrong word is an error like any other, with ``--json`` too."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            _("{message}.", message=message.rstrip(".")),
            next_step=_("'{command} --help' shows how it is used.", command=self.prog),
        )


def _verb_parser(verb: Verb) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"natmod {verb.name}",
        description=str(verb.help),
        epilog=str(verb.teach),
        formatter_class=HelpFormatter,
    )
    verb.arguments(parser)
    add_language(parser)
    parser.add_argument("--json", action="store_true", help=str(_("print the result as one JSON record")))
    parser.add_argument("--verbose", action="store_true", help=str(_("show what the tools print, too")))
    fix_usage(parser)
    return parser
