"""Which MicroPython source tree writes a given .mpy version: boards of several releases from one ``natmod build``."""

from __future__ import annotations

import re

from toolchains.errors import SdkError, UsageError
from toolchains.jobs import JobContext
from toolchains.sdk import SdkStore
from toolchains.sdk_tree import DEFAULT_VERSION, SdkTree
from toolchains.text import _

Abi = tuple[int, int]

#: A release to get for each .mpy version that a supported one writes.
_TO_GET: dict[Abi, str] = {(6, 3): DEFAULT_VERSION, (6, 2): "1.22.2"}


class NoTreeFor(SdkError):
    """No source tree here writes this .mpy version. Field: ``abi``."""

    code = "sdk.abi"

    def __init__(self, abi: Abi) -> None:
        from toolchains.mpy_loads import releases_text  # what reads .mpy files: not for every build

        get = _TO_GET.get(abi)
        super().__init__(
            _("No MicroPython source tree here writes the .mpy version {abi}.", abi=abi_text(abi)),
            why=_("That version is {releases}.", releases=releases_text(*abi)),
            next_step=_("Get one with: natmod sdk get {version}", version=get)
            if get
            else _("Natmod Studio builds for these: {abis}.", abis=", ".join(map(abi_text, sorted(_TO_GET)))),
            abi=abi_text(abi),
        )


def abi_text(abi: Abi) -> str:
    """``6.3``."""
    return f"{abi[0]}.{abi[1]}"


def named_abis(text: str) -> tuple[Abi, ...]:
    """``6.2,6.3`` as numbers. Errors: UsageError."""
    found: list[Abi] = []
    for word in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\.(\d+)\s*", word)
        if match is None:
            raise UsageError(
                _("{word} is no .mpy version.", word=word.strip() or "''"),
                next_step=_("Example: --abi 6.2,6.3; 'natmod boards PORT' tells that of a board."),
            )
        found.append((int(match[1]), int(match[2])))
    return tuple(dict.fromkeys(found))


def tree_for(ctx: JobContext, sdks: SdkStore, abi: Abi) -> SdkTree:
    """The installed tree that writes ``abi``, the default release before others; that one is fetched if it is missing.

    Raises :class:`NoTreeFor`.
    """
    found = sdks.best_for(None, abi)
    if found is not None:
        return found
    if _TO_GET.get(abi) == DEFAULT_VERSION:
        return sdks.ensure(ctx)
    raise NoTreeFor(abi)
