"""A file that a Makefile needs and that is not there: why, and what to do."""

from __future__ import annotations

import posixpath

from toolchains import submodules
from toolchains.build_records import BuildRequest
from toolchains.errors import StudioError
from toolchains.makefile.errors import MakefileError, Place
from toolchains.makefile.reader import Reader
from toolchains.sdk_tree import SdkIncomplete
from toolchains.text import _


class SubmoduleMissing(SdkIncomplete):
    """The Makefile uses a part of the MicroPython tree that this tree lacks."""

    def __init__(self, request: BuildRequest, missing: str) -> None:
        super().__init__(request.sdk.path, missing)
        self.next_step = _(
            "Use the official release archive of MicroPython, which has it (natmod sdk add FILE), or a git checkout"
            " with its submodules."
        )


def missing_source(reader: Reader, request: BuildRequest, target: str, source: str | None = None) -> StudioError:
    """The error for an object whose source is not there."""
    plain = target.removeprefix(f"{reader.expander.value_of('BUILD')}/")
    lacking = _lacking_in_sdk(reader, source or plain)
    if lacking is not None:
        return SubmoduleMissing(request, lacking)
    name = source or f"{plain.rpartition('.')[0]}.c"
    if target == plain or not plain.endswith((".o", ".mpy")):
        name = target
    elif plain.endswith(".mpy"):
        name = f"{plain.removesuffix('.mpy')}.py"
    name = reader.asking.world.names.real(name)
    return MakefileError(
        _place(reader, request, "SRC", posixpath.basename(name)),
        _("the file {name} is not there.", name=name),
        next_step=submodules.advice(request.project.root, [name])
        or _("Put it there, or take it out of SRC in the Makefile."),
    )


def missing_symbols(reader: Reader, request: BuildRequest) -> StudioError:
    """The error for an ``MPY_EXTERN_SYM_FILE`` that is not there."""
    name = reader.expander.value_of("MPY_EXTERN_SYM_FILE")
    sdk = f"{reader.asking.world.names.sdk}/"
    if name.startswith(sdk):
        return SubmoduleMissing(request, name.removeprefix(sdk))
    return MakefileError(
        _place(reader, request, "MPY_EXTERN_SYM_FILE"),
        _("the file {name} is not there.", name=reader.asking.world.names.real(name)),
    )


def _lacking_in_sdk(reader: Reader, name: str) -> str | None:
    """What of the SDK was looked for in vain: ``$(realpath …)`` of it made an empty word, and a name like no other."""
    sdk = f"{reader.asking.world.names.sdk}/"
    if name.startswith(sdk):
        parts = name.removeprefix(sdk).split("/")
        # A submodule that was not fetched is an empty folder.
        return "/".join(parts[:2]) if parts[0] == "lib" else "/".join(parts)
    for (kind, asked), answer in reader.asking.world.asked.items():
        if kind == "realpath" and not answer and asked.startswith(sdk):
            return asked.removeprefix(sdk)
    return None


def _place(reader: Reader, request: BuildRequest, variable: str, part: str = "") -> Place:
    known = reader.variables.get(variable)
    if known is not None and known.place.file:
        return known.place_of(part)
    return Place(request.project.makefile or "Makefile", 1)
