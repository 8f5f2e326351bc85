"""Toolchains that can be had without a network, for tests of the window: slow, cut off, broken, as the test says."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from toolchains.errors import FetchError
from toolchains.jobs import JobContext
from toolchains.providers import Offer
from toolchains.text import _
from toolchains.toolchain_records import Installed, Need

MB = 1024 * 1024
#: Long enough for any machine, short enough for a test that hangs.
_PATIENCE_S = 60


def offer(version: str, size: int, tool: str = "xtensa-esp-elf", **more: Any) -> Offer:
    """A compiler for the ESP32 as Espressif has it; ``size`` in MB."""
    given: dict[str, Any] = {
        "arches": ("xtensawin",), "chips": ("esp32", "esp32s2", "esp32s3"), "program": "xtensa-esp32-elf-gcc",
        "provider": "espressif", "size": size * MB, "disk": 6 * size * MB,
    }  # fmt: skip
    return Offer(id=f"{tool}@{version}", tool=tool, version=version, **{**given, **more})


def installed(name: str, arches: tuple[str, ...], folder: Path, **more: Any) -> Installed:
    """A toolchain that is here."""
    tool, _at, version = name.partition("@")
    given: dict[str, Any] = {"disk": 900 * MB, "origin": "espressif", "default_for": (), "found_where": "store"}
    return Installed(name, tool, version, arches, folder, folder / "bin", **{**given, **more})


ZIG = Offer(
    "bundled_zig", "zig@0.17.0", "zig", "0.17.0", ("rv32imc",), (), "zig", reason=_("It comes with Natmod Studio.")
)
SMALLEST = offer("esp-14.2.0_20241119", 135, reason=_("The smallest download that serves native modules for {arch}.",
                                                      arch="xtensawin"))  # fmt: skip
OLDER = (offer("esp-13.2.0_20240530", 140), offer("esp-12.2.0_20230208", 150))
TYPED = Offer(
    "system_packages", "arm-none-eabi-gcc@system", "arm-none-eabi-gcc", "system", ("armv6m", "armv7m"), (),
    "arm-none-eabi-gcc",
    command="sudo apt-get install gcc-arm-none-eabi",
)  # fmt: skip
IMPOSSIBLE = offer("esp-15.1.0", 0, "esp-clang", problem=_("Espressif makes no compiler for this kind of computer."))


@dataclass
class FakeToolchains:
    """Stands in for :class:`toolchains.manager.Toolchains`.

    An install says how far it is and then waits until ``go`` is set; ``failing``: so many installs fail.
    """

    here: list[Installed] = field(default_factory=list)
    can_be_had: list[Offer] = field(default_factory=lambda: [SMALLEST, *OLDER, TYPED, IMPOSSIBLE])
    served: dict[str, Any] = field(default_factory=dict)
    go: threading.Event = field(default_factory=threading.Event)
    began: threading.Event = field(default_factory=threading.Event)
    failing: int = 0
    faults: list[Any] = field(default_factory=list)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    root: Path = Path("/nowhere")

    def installed(self) -> list[Installed]:
        return list(self.here)

    def offers(self, arch: str | None = None, micropython: str | None = None) -> list[Offer]:
        here = {one.id for one in self.here}
        return [
            one for one in self.can_be_had if one.id not in here and (arch is None or one.serves(arch, micropython))
        ]

    def needs(self, _ctx: JobContext, arches: tuple[str, ...], version: str | None = None) -> list[Need]:
        found = []
        for arch in arches:
            mine = next((one for one in self.here if arch in one.arches), None)
            choice = self.served.get(arch)
            if mine is not None:
                compiler = SimpleNamespace(kind="gcc", version=mine.version, program=mine.tool)
                choice = SimpleNamespace(compiler=compiler, reason=_("the first choice for {arch}", arch=arch),
                                         toolchain=mine.id)  # fmt: skip
            found.append(Need(arch, choice, () if choice else tuple(self.offers(arch, version))))
        return found

    def install(self, ctx: JobContext, what: Offer, *, control: Any = None, **_more: Any) -> Installed:
        self.calls.append(("install", what.id))
        size = what.size or 100
        with ctx.step(_("Download {name}", name=f"{what.id}.tar.xz")):
            ctx.log(f"GET https://example.org/{what.id}.tar.xz")
            with control.pausing(lambda: None), ctx.cancelling(self.go.set):
                ctx.progress(size // 4, size)
                self.began.set()
                assert self.go.wait(_PATIENCE_S)
            ctx.check()
            control.wait(ctx)
            if self.failing:
                self.failing -= 1
                raise FetchError(
                    _("{url} cannot be reached.", url="https://example.org"),
                    why=_("This computer has no connection to the internet."),
                    next_step=_("Connect it, then try again, or install from a pack."),
                    detail="getaddrinfo failed",
                )
            ctx.progress(size, size)
        made = installed(what.id, what.arches, self.root / what.id)
        self.here.append(made)
        return made

    def remove(self, _ctx: JobContext, name: str) -> None:
        self.calls.append(("remove", name))
        self.here = [one for one in self.here if one.id != name]

    def verify(self, _ctx: JobContext, name: str) -> list[Any]:
        self.calls.append(("verify", name))
        return self.faults

    def repair(self, _ctx: JobContext, name: str, *, control: Any = None, sources: Any = ()) -> None:
        self.calls.append(("repair", name))
        self.faults = []

    def prune(self, _ctx: JobContext) -> int:
        self.calls.append(("prune",))
        return 300 * MB

    def set_default(self, arch: str, name: str | None) -> None:
        self.calls.append(("default", arch, name))
        self.here = [replace(one, default_for=(arch,) if one.id == name else ()) for one in self.here]

    def environment(self, name: str) -> dict[str, str]:
        return {"PATH": f"{self.root / name / 'bin'}"}
