"""The words of a build: the project, ``VAR=value`` as on make's command line, ``--set`` and ``--allow-run``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

from toolchains.errors import UsageError
from toolchains.project_flags import variable_problem
from toolchains.recipe import Wishes
from toolchains.text import Text, _

_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


def add_project(parser: argparse.ArgumentParser) -> None:
    """The project, and the variables of its Makefile; the same on every verb that builds."""
    parser.add_argument(
        "project",
        nargs="*",
        default=".",
        action=_Words,
        metavar="PROJECT VAR=value",
        help=str(
            _(
                "the project's folder (default: the current one), and variables for its Makefile, which win over "
                "the file's: CONFIG=int8"
            )
        ),
    )
    parser.add_argument(
        "--set", action=_Set, dest="variables", default={}, metavar="VAR=value", help=str(_("set such a variable"))
    )
    parser.add_argument(
        "--allow-run",
        action="store_true",
        help=str(_("let the Makefile run the programs that it names, to find a folder or to make a source")),
    )


def wishes_of(options: argparse.Namespace) -> Wishes:
    """What the person says for this build alone."""
    return Wishes(dict(options.variables), options.allow_run)


class _Words(argparse.Action):
    """At most one folder, and any number of variables, in any order."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[str] | None,
        option_string: str | None = None,
    ) -> None:
        words = [values] if isinstance(values, str) else list(values or ())
        folders = [word for word in words if not _VARIABLE.fullmatch(word)]
        if len(folders) > 1:
            raise UsageError(
                _("One project at a time, please: {projects}.", projects=", ".join(folders)),
                next_step=_("'{command} --help' shows how it is used.", command=parser.prog),
            )
        for word in words:
            if word not in folders:
                _add(namespace, word)
        namespace.project = folders[0] if folders else "."


class _Set(argparse.Action):
    """One variable."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[str] | None,
        option_string: str | None = None,
    ) -> None:
        _add(namespace, str(values))


def _add(namespace: argparse.Namespace, word: str) -> None:
    match = _VARIABLE.fullmatch(word)
    if match is None:
        raise UsageError(_("{word} sets no variable.", word=word), next_step=_("Write it like this: --set CONFIG=int8"))
    name, value = match.groups()
    if variable_problem(name) is not None:
        what = _("Natmod Studio chooses {name} itself; it is no variable to set.", name=name)
        raise UsageError(what, next_step=_instead(name, value), name=name)
    namespace.variables = {**getattr(namespace, "variables", {}), name: value}


def _instead(name: str, value: str) -> Text | None:
    """The option that does what the variable does for make."""
    if name == "ARCH":
        return _("Choose it with: natmod build --arch {arch}; on a board, the board decides.", arch=value or "rv32imc")
    if name == "MPY_DIR":
        return _("Add that folder once with: natmod sdk add {folder}; then choose it with --sdk.", folder=value)
    if name in ("CC", "CROSS", "CROSS_COMPILE"):
        return _("Choose the compiler with: --compiler NAME")
    return None
