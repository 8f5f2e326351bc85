"""The zig of the Python package ``ziglang``: it comes with us, so that nothing is to be got unless it was removed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from toolchains.chips import arches
from toolchains.errors import ToolMissing
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.providers import Offer, Provider, Ways
from toolchains.sdk_tree import SUPPORTED
from toolchains.text import _
from toolchains.zig import Zig

TOOL = "zig"
#: Of the package's version (``0.17.0.post0``) or of what we ask for (``0.17.0.*``), what ``zig version`` says.
_RELEASE = re.compile(r"\d+\.\d+\.\d+")


def version(zig: Zig | None) -> str:
    """The compiler's own release, read off the package's folder; of none: the one that we were tried with."""
    packages = [] if zig is None else [path.stem for path in zig.lib.parent.parent.glob("ziglang-*.dist-info")]
    found = _RELEASE.search(packages[0].partition("-")[2] if packages else _wanted())
    return found[0] if found else ""


def _wanted() -> str:
    import importlib.metadata  # 80 ms, and nearly nobody asks

    try:
        asked = importlib.metadata.requires("natmod-studio") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    return next((one.partition("==")[2].split(";")[0].strip() for one in asked if one.startswith("ziglang")), "")


def offers(host: Host, _paths: Paths) -> Sequence[Offer]:
    """One for every set of MicroPython releases: the linker of old ones cannot read what zig makes for Arm."""
    zig = Zig.bundled(host)
    release = version(zig)
    pip = f'"{sys.executable}" -m pip install ziglang=={release}' if release else ""
    groups: dict[tuple[str, ...], list[str]] = {}
    for arch in arches().values():
        if arch.zig_target:
            groups.setdefault(_releases(Zig.since(arch)), []).append(arch.name)
    return [
        Offer(
            "bundled_zig",
            f"{TOOL}@{release}",
            TOOL,
            release,
            tuple(names),
            (),
            TOOL,
            command=pip if zig is None else "",
            reason=_("It comes with Natmod Studio."),
            micropython=fits,
        )
        for fits, names in groups.items()
    ]


def _releases(since: tuple[int, int]) -> tuple[str, ...]:
    """The supported releases from ``since`` on; none for all of them."""
    first, last = SUPPORTED[0], SUPPORTED[1]
    if since <= (first[0], first[1]):
        return ()
    return tuple(f"{since[0]}.{minor}" for minor in range(since[1], last[1] + 1))


def install(ctx: JobContext, _paths: Paths, offer: Offer, _ways: Ways) -> None:
    """Nothing, where it is there; else :class:`ToolMissing` with the line to type: pip is the person's."""
    if Zig.bundled(ctx.host) is None:
        raise ToolMissing(offer.program, command=offer.command)


PROVIDER = Provider("bundled_zig", _("zig, which comes with Natmod Studio"), offers, install)
