"""Results of builds and runs, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.cli.output import Output
from toolchains.natmod import BuildResult
from toolchains.text import Text, _
from toolchains.units import signed_size_text, size_text, time_text

if TYPE_CHECKING:  # who builds loads nothing that talks to boards
    from ide.board.deploy import RunOutcome
    from ide.board.pipeline import RunReport


def show_build(out: Output, result: BuildResult, reason: Text) -> None:
    """The module's file, sizes, change since the last build, and the compiler with the reason for it."""
    for warning in result.warnings:
        out.text(warning)
    out.text(
        _(
            "{path}: {size} (code {text}, constants {rodata}, variables {bss})",
            path=result.path,
            size=size_text(result.file_size),
            text=size_text(result.sizes.text),
            rodata=size_text(result.sizes.rodata),
            bss=size_text(result.sizes.bss),
        )
    )
    if result.change is not None and result.change.text:
        out.text(_("code since the last build: {change}", change=signed_size_text(result.change.text)))
    if result.helped:
        out.text(_("added, since native modules have no C library: {names}", names=", ".join(result.helped)))
    if result.together:
        words = _(
            "compiled as one file, since MicroPython's linker would mix up their constants: {names}",
            names=", ".join(result.together),
        )
        out.text(words)
    if result.moved:
        words = _(
            "addresses inside these are kept, which MicroPython's linker would lose: {names}",
            names=", ".join(result.moved),
        )
        out.text(words)
    out.text(
        _(
            "MicroPython {sdk}, {compiler}: {reason}",
            sdk=result.sdk_version,
            compiler=f"{result.compiler.kind} {result.compiler.version}",
            reason=reason,
        )
    )


def show_run(out: Output, report: RunReport) -> None:
    """How the script ended, the build's lines, and what the run cost."""
    show_end(out, report.outcome)
    if report.build is not None and report.choice is not None:
        show_build(out, report.build, report.choice.reason)
    show_cost(out, report.outcome)


def show_end(out: Output, outcome: RunOutcome | None) -> None:
    """The board's traceback, or that the script ended itself with a fault; nothing after a good end."""
    if outcome is None or outcome.good:
        return
    if outcome.traceback:
        out.text(outcome.traceback.rstrip())
    else:
        out.text(_("It ended with sys.exit({value}).", value=outcome.exit_value))


def show_cost(out: Output, outcome: RunOutcome | None) -> None:
    """Heap and time, where the board told them."""
    if outcome is None or outcome.heap_before is None or outcome.heap_after is None:
        return
    out.text(
        _(
            "heap: {before} used before the run, {after} after it; ran in {time}",
            before=size_text(outcome.heap_before),
            after=size_text(outcome.heap_after),
            time=time_text(outcome.seconds),
        )
    )
