"""A link that ended in an exception of ``mpy_ld.py``, as a sentence: what it does not know, and which release does."""

from __future__ import annotations

from toolchains.build_errors import LinkFailed
from toolchains.diagnostics import Diagnostic
from toolchains.linker import LinkStopped
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

#: Relocations by ELF machine and number: those that some release's linker lacks (facts.md 0.10 and c.3; the tables
#: of tools/mpy_ld.py of 1.25 to 1.29), and the first release that knows them, or "" for none.
_RELOCATIONS = {
    ("EM_386", 1): ("R_386_32", ""),
    ("EM_X86_64", 10): ("R_X86_64_32", ""),
    ("EM_X86_64", 11): ("R_X86_64_32S", ""),
    ("EM_X86_64", 19): ("R_X86_64_TLSGD", ""),
    ("EM_X86_64", 25): ("R_X86_64_GOTOFF64", ""),
    ("EM_X86_64", 41): ("R_X86_64_GOTPCRELX", ""),
    ("EM_ARM", 2): ("R_ARM_ABS32", "1.26"),
    ("EM_ARM", 24): ("R_ARM_GOTOFF32", ""),
    ("EM_ARM", 96): ("R_ARM_GOT_PREL", "1.29"),
    ("EM_ARM", 104): ("R_ARM_TLS_GD32", ""),
    ("EM_XTENSA", 50): ("R_XTENSA_TLSDESC_FN", ""),
    ("EM_XTENSA", 57): ("R_XTENSA_PDIFF8", ""),
    ("EM_XTENSA", 58): ("R_XTENSA_PDIFF16", ""),
    ("EM_XTENSA", 60): ("R_XTENSA_NDIFF8", ""),
    ("EM_XTENSA", 61): ("R_XTENSA_NDIFF16", ""),
    ("EM_XTENSA", 62): ("R_XTENSA_NDIFF32", "1.29"),
    ("EM_RISCV", 21): ("R_RISCV_TLS_GOT_HI20", ""),
}


class LinkerStopped(LinkFailed):
    """MicroPython's linker ended in an exception of its own. ``detail`` is its traceback.

    ``fields``: ``relocation`` (its name or number), ``symbol`` with ``bind`` and ``place`` as pyelftools calls them,
    ``since`` (the release whose linker can).
    """

    code = "build.link.stopped"


def stopped(sdk: SdkTree, outcome: LinkStopped, source: str | None) -> LinkerStopped:
    """The sentence for an exception; ``source`` is the file that it was at, as the project calls it."""
    where = source or outcome.file
    what = _("MicroPython's own linker stopped with an exception.")
    name, since = _RELOCATIONS.get((outcome.machine, outcome.relocation or 0), (str(outcome.relocation), ""))
    why, step = _cause(sdk, outcome, where, name, since)
    words = outcome.error if why is None else f"{name}: {outcome.symbol}" if outcome.relocation else outcome.symbol
    error = LinkerStopped(
        [Diagnostic("error", where or None, None, None, words)],
        outcome.traceback,
        what=what,
        why=why or _("This release cannot link what the compiler made."),
        next_step=step,
    )
    error.fields |= {"relocation": name, "symbol": outcome.symbol, "since": since}
    error.fields |= {"bind": outcome.bind, "place": outcome.place}
    return error


def _cause(sdk: SdkTree, outcome: LinkStopped, where: str, name: str, since: str) -> tuple[Text | None, Text]:
    other = _("Try a newer MicroPython release or another compiler; the linker's own words are below.")
    if outcome.bind == "STB_WEAK" and outcome.place == "SHN_UNDEF":
        why = _("{where} uses {symbol}, which is weak and which nothing defines.", where=where, symbol=outcome.symbol)
        return why, _("Define {symbol} in a source of the module, or use another compiler.", symbol=outcome.symbol)
    if outcome.place == "SHN_COMMON":
        why = _("{where} has {symbol} in a common section.", where=where, symbol=outcome.symbol)
        return why, _("Build without -fcommon.")
    if "entry_trampoline_len" in outcome.traceback:
        why = _(
            "The linker of MicroPython {version} cannot link this: for this chip, mpy_init must not be the first code.",
            version=sdk.version,
        )
        return why, _("Build with -fno-toplevel-reorder, and write another function before mpy_init.")
    kind, _colon, words = outcome.error.partition(": ")
    if kind in ("RuntimeError", "ValueError") and words:  # it has a reason, and says it so
        return _("It says: {words}.", words=words.rstrip(".")), _("Its own words are below.")
    if outcome.relocation is None or kind != "AssertionError":
        return None, other
    why = _(
        "The linker of MicroPython {version} does not know {relocation}, by which {where} reaches {symbol}.",
        version=sdk.version,
        relocation=name,
        where=where,
        symbol=outcome.symbol or "?",
    )
    if since and sdk.key < (*map(int, since.split(".")), 0):
        return why, _("The linker of MicroPython {since} knows it: build with --sdk {since}.", since=since)
    return why, other
