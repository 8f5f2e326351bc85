"""Which compiler flags, defines and make variables a project file may set.

Opening somebody's project and pressing Build must run the compiler and nothing else, so flags that make a compiler run
another program, load a plug-in, read or write files of its own choice, or make no object are refused (design.md
section 11).
"""

from __future__ import annotations

import re

from toolchains.text import Text, _

#: No slash: a flag that is let through can name no file outside the build folder.
_ALLOWED = re.compile(
    r"-O[0-9a-z]*|-w|-g[0-9a-z-]*|-pedantic(-errors)?|-std=[a-z0-9:]+|-[DU][A-Za-z_].*|--param=[a-z0-9=-]+"
    r"|-[fWm][A-Za-z0-9_+.,=-]+"
)
_REFUSED = re.compile(
    r"-fplugin|-fpass-plugin|-fuse-ld|-f(fat-)?lto|-fltrans|-fwpa|-fintegrated-cc1|-fno-integrated|-gcc|-gsplit|-gen"
    r"|-mllvm|-W[lap],|-f(syntax-only|preprocessed|test-coverage|stack-usage|thinlto|compare-debug)"
    r"|-f(profile|dump|opt|save|callgraph|module|sanitize|time-trace|crash|proc|deps|diagnostics|auto-profile)"
)

_DEFINE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\([A-Za-z0-9_, ]*\))?(=.*)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Variables of dynruntime.mk that name programs or places, and those that GNU make treats in its own way.
_OURS = re.compile(
    "MPY_DIR|CC|AR|LD|AS|CXX|CROSS|CROSS_COMPILE|PYTHON|MAKE|MAKEFLAGS|SHELL|PATH|BUILD|MPY_LD|MPY_TOOL"
    "|MPY_CROSS|ARCH|ECHO|RM|MKDIR|Q|PICOLIBC_ROOT"
)


def flag_problem(flag: str) -> Text | None:
    """Why ``flag`` may not stand under ``cflags``; None when it may."""
    if flag.startswith(("-I", "-isystem", "-iquote", "-include")):
        return _('"{flag}": list folders with headers under "include" instead.', flag=flag)
    if not _ALLOWED.fullmatch(flag) or _REFUSED.match(flag):
        return _(
            '"{flag}" is not allowed under "cflags": only flags that optimise, warn or define'
            " (-O, -f…, -W…, -m…, -D, -U, -g, -std=) are.",
            flag=flag,
        )
    return None


def define_problem(define: str) -> Text | None:
    """Why ``define`` is neither ``NAME`` nor ``NAME=VALUE``; None when it is."""
    if _DEFINE.fullmatch(define):
        return None
    return _('"{define}" cannot be defined: write NAME or NAME=VALUE.', define=define)


def variable_problem(name: str) -> Text | None:
    """Why ``name`` may not be set under ``[make]``; None when it may."""
    if not _VARIABLE.fullmatch(name):
        return _('"{name}" is not the name of a make variable.', name=name)
    if _OURS.fullmatch(name):
        return _('"{name}" is chosen by Natmod Studio and cannot be set by a project.', name=name)
    return None
