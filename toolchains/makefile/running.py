"""Runs a command of a Makefile that the person agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toolchains.errors import ProjectError
from toolchains.jobs import JobContext
from toolchains.makefile.errors import Command, MakefileError, shown
from toolchains.makefile.world import World
from toolchains.text import _

_TIMEOUT_S = 600.0


class CommandFailed(MakefileError):
    """A command that the person agreed to did not do its work. ``detail`` is what it printed."""

    code = "project.makefile.command"


def run_command(ctx: JobContext, command: Command, cwd: Path, world: World, environment: Mapping[str, str]) -> str:
    """The output of a command, run by the shell in the project's folder. A cancel ends it."""
    shell = ctx.host.which("sh")
    if shell is None:
        raise no_shell(command)
    text = world.names.real(command.text)
    ctx.log(f"{command.place}: {text}")
    done = ctx.run([shell, "-c", text], cwd=cwd, env=environment, check=False, timeout=_TIMEOUT_S)
    if done.returncode:
        raise CommandFailed(
            command.place,
            _("the command {text} ended with code {code}.", text=shown(text), code=done.returncode),
            next_step=_("Its own words are below."),
            detail=done.text,
        )
    return done.stdout.decode("utf-8", "surrogateescape")


def no_shell(command: Command) -> ProjectError:
    """The error for a computer without a POSIX shell."""
    step = (
        _("Give its answer yourself: natmod build --set {name}=…", name=command.variable)
        if command.variable
        else _("Do by hand what the command does, and write the result into the Makefile.")
    )
    return MakefileError(
        command.place,
        _("the command {text} needs a shell (sh), which this computer does not have.", text=shown(command.text)),
        next_step=step,
    )
