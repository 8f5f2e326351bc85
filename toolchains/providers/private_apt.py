"""apt with lists, cache and state of its own: any suite of Debian's mirror, verified by apt, the system untouched.

The mirror is the machine's own. apt checks the signature of the suite with Debian's archive key, and each file's hash
against the signed index; nothing here weakens that. No root needed. The folder is removed afterwards.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import FetchError, disk_errors
from toolchains.jobs import JobContext
from toolchains.system import hear_apt
from toolchains.text import Text, _
from toolchains.units import size_text

#: Seconds; apt waits for a dead mirror much longer by itself.
_APT_TIMEOUT_S = 30
ENVIRONMENT = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
PATIENCE: Mapping[str, object] = {
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": _APT_TIMEOUT_S,
    "Acquire::https::Timeout": _APT_TIMEOUT_S,
}


class AptFailed(FetchError):
    """apt could not fetch, or did not trust, what the mirror sent. ``detail`` is what it said."""

    code = "fetch.debian"


@dataclass(frozen=True)
class Suite:
    """A suite of a mirror, what of it is read (``deb``, ``deb-src``), and the keyring that it must be signed with."""

    mirror: str
    name: str
    keyring: Path
    kinds: tuple[str, ...] = ("deb-src",)

    def lines(self) -> str:
        """The lines of its sources.list."""
        signed = f"signed-by={self.keyring}" if self.keyring.is_file() else ""
        options = {"deb": f"[arch=amd64 {signed}]", "deb-src": f"[{signed}]" if signed else ""}
        return "".join(f"{kind} {options[kind]} {self.mirror} {self.name} main\n" for kind in self.kinds)


@dataclass(frozen=True)
class PrivateApt:
    """An apt of our own. ``what`` is what it is used for, for its errors: "MicroPython's source package"."""

    folder: Path
    what: Text
    _options: tuple[str, ...]

    def update(self, ctx: JobContext, step: Text, note: Text) -> None:
        """Read the suite's index, after ``note``, which should say how large that is."""
        with ctx.step(step):
            ctx.note(note)
            self.run(ctx, "update")

    def run(self, ctx: JobContext, *words: str) -> str:
        """Run apt-get with progress; what it said. Raises :class:`AptFailed`."""
        lines: list[str] = []
        argv = ("apt-get", *self._options, "-q", "-o", "APT::Status-Fd=1", *words)
        code = ctx.run_lines(argv, lambda line: hear_apt(ctx, line, lines), cwd=self.got, env=ENVIRONMENT)
        text = "\n".join(lines)
        if code:
            raise _failed(self.what, text)
        return text

    def ask(self, ctx: JobContext, program: str, *words: str) -> str:
        """What ``apt-get`` or ``apt-cache`` prints; its complaints and its exit code do not matter."""
        done = ctx.run((program, *self._options, "-q", *words), cwd=self.got, env=ENVIRONMENT, check=False)
        return done.stdout.decode("utf-8", "replace")

    def plan(self, ctx: JobContext, *words: str) -> dict[str, int]:
        """The files that ``apt-get *words`` would fetch, with their sizes in bytes; empty if it cannot."""
        planned = self.ask(ctx, "apt-get", *words, "--print-uris", "-qq")
        return {name: int(size) for name, size in re.findall(r"^'\S+' (\S+) (\d+) ", planned, re.M)}

    @property
    def got(self) -> Path:
        """Where ``source`` and ``download`` put their files."""
        return self.folder / "got"

    @property
    def archives(self) -> Path:
        """Where ``install --download-only`` puts its files."""
        return self.folder / "cache" / "archives"


@contextmanager
def private_apt(what: Text, suite: Suite) -> Iterator[PrivateApt]:
    """An apt that knows ``suite`` and nothing of this machine; its folder is removed at the end.

    The folder is in the system's temporary place: apt's own unprivileged user must reach it when we are root.
    """
    with disk_errors(tempfile.gettempdir()):
        folder = Path(tempfile.mkdtemp(prefix="natmod-apt-"))
    try:
        with disk_errors(folder):
            folder.chmod(0o755)
            for name in ("lists/partial", "cache/archives/partial", "got"):
                (folder / name).mkdir(parents=True)
            (folder / "sources.list").write_text(suite.lines(), "utf-8")
            (folder / "status").touch()
        yield PrivateApt(folder, what, _options(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(folder: Path) -> tuple[str, ...]:
    values: Mapping[str, object] = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",  # nothing is installed, so that all that is needed is fetched
        "Dir::State::extended_states": folder / "extended",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Acquire::PDiffs": "false",
        "Debug::NoLocking": "true",  # of the system's package database, which is not used
        **PATIENCE,
        "Acquire::AllowInsecureRepositories": "false",
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Update::Error-Mode": "any",  # else a mirror that is not there counts as success
    }
    return option_words(values)


def option_words(values: Mapping[str, object]) -> tuple[str, ...]:
    """apt's ``-o key=value`` words."""
    return tuple(word for key, value in values.items() for word in ("-o", f"{key}={value}"))


def _failed(what: Text, said: str) -> AptFailed:
    if re.search(r"NO_PUBKEY|not signed|BADSIG|EXPKEYSIG|no longer signed", said):
        return AptFailed(
            _("The signature of Debian's index could not be verified, so nothing of it was used."),
            next_step=_("Update the package debian-archive-keyring, then try again."),
            detail=said,
        )
    return AptFailed(
        _("apt could not get {name}.", name=what),
        why=_("Its own words are below."),
        next_step=_("Check the network and apt's proxy, then try again."),
        detail=said,
    )


def debian_mirror(ctx: JobContext) -> str | None:
    """The address of this machine's Debian mirror, from apt's own configuration; None where Debian is not its origin.

    Before the first ``apt-get update`` apt knows no origins; then an address that ends in ``/debian`` is taken.
    """
    words = ("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    targets = ctx.run(words, env=ENVIRONMENT, check=False).stdout.decode("utf-8", "replace")
    for line in targets.splitlines():
        origin, label, address = [*line.split("|"), "", ""][:3]
        if (origin, label) == ("Debian", "Debian"):
            return address.rstrip("/")
    planned = _planned_update(ctx)
    found = re.search(r"^'(\S+/debian)/dists/[^/']+/InRelease'", planned, re.M)
    return found[1] if found else None


def _planned_update(ctx: JobContext) -> str:
    done = ctx.run(("apt-get", "update", "--print-uris"), env=ENVIRONMENT, check=False)
    return done.stdout.decode("utf-8", "replace")


def need_mirror(ctx: JobContext) -> str:
    """:func:`debian_mirror`, or :class:`AptFailed`."""
    mirror = debian_mirror(ctx)
    if mirror is None:
        raise AptFailed(_("apt on this machine names no Debian mirror."))
    return mirror


def total(sizes: Sequence[Mapping[str, int]]) -> int:
    """The bytes of several plans together."""
    return sum(size for plan in sizes for size in plan.values())


def download_step(name: str, n_bytes: int) -> Text:
    """The title of a download with its size."""
    return _("Download {name} ({size}) with apt", name=name, size=size_text(n_bytes))
