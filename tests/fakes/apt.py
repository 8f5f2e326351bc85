"""A machine whose apt is a script: it can be busy or broken, and "installs" by making a program."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from toolchains.host import Host, System

_APT = r"""#!/bin/sh
# Arguments are kept, one call a line. The state folder says how to behave.
state={state}
echo "$DEBIAN_FRONTEND $LC_ALL $*" >> $state/calls
case "$*" in
*" update"*|update*)
    [ -f $state/no-network ] && {{ echo "E: Failed to fetch http://mirror.example"; exit 100; }}
    touch $state/updated; echo "Hit:1 http://mirror.example/debian"; exit 0;;
esac
if [ ! -f $state/updated ]; then echo "E: Unable to locate package" >&2; exit 100; fi
case "$*" in
*--print-uris*)
    echo "'http://mirror.example/pool/a.deb' a.deb 40000000 SHA256:00"
    echo "'http://mirror.example/pool/b.deb' b.deb 8000000 SHA256:00"; exit 0;;
*--download-only*)
    if [ -f $state/locked ]; then rm $state/locked; echo "E: Could not get lock /var/lib/dpkg/lock"; exit 100; fi
    [ -f $state/no-network ] && {{ echo "E: Failed to fetch http://mirror.example"; exit 100; }}
    echo "dlstatus:1:25.5:Retrieving file 1 of 2"; echo "dlstatus:2:100:Retrieving file 2 of 2"
    touch $state/downloaded; exit 0;;
esac
[ -f $state/downloaded ] || exit 1
[ -p $state/gate ] && read word < $state/gate
[ -f $state/broken ] && {{ echo "dpkg: error processing package"; exit 100; }}
[ -f $state/useless ] || cp $state/program {bin}/wanted
exit 0
"""


@dataclass(frozen=True)
class _FakeHost(Host):
    root: bool = False

    def is_root(self) -> bool:
        return self.root


@dataclass
class FakeMachine:
    """``folder`` is where the fake programs and their state live; ``programs`` are on PATH besides a shell's."""

    folder: Path
    system: System = "linux"
    root: bool = False
    programs: tuple[str, ...] = ("apt-get", "dpkg")
    state: Path = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.folder / "state"
        self.state.mkdir()
        for name in self.programs:
            self._program(self.folder / name, "#!/bin/sh\n")
        self._program(self.state / "program", "#!/bin/sh\n")
        if "apt-get" in self.programs:
            self._program(self.folder / "apt-get", _APT.format(state=self.state, bin=self.folder))

    def _program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def set(self, *flags: str) -> None:
        """Change how apt behaves: updated, no-network, locked, broken, useless."""
        for flag in flags:
            (self.state / flag).touch()

    @property
    def host(self) -> Host:
        """The machine as the engine sees it."""
        tools = self.folder / "tools"
        if not tools.exists():
            tools.mkdir()
            for name in ("sh", "touch", "rm", "cp"):
                found = next(p for p in (Path("/bin"), Path("/usr/bin")) if (p / name).exists())
                (tools / name).symlink_to(found / name)
        return _FakeHost(self.system, "x86_64", {"PATH": f"{self.folder}:{tools}"}, root=self.root)

    @property
    def calls(self) -> list[str]:
        """What apt was called with, environment first."""
        path = self.state / "calls"
        return path.read_text().splitlines() if path.exists() else []
