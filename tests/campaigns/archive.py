"""Archives broken at random places, and installers stopped at random moments.

Promised: an archive comes out whole or is refused with a sentence; a refused or stopped one leaves nothing; whatever
happens, the store holds the old thing or the new one, whole.
"""

from __future__ import annotations

import errno
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fakes.archives import HONEST, contents, honest, installed, links_in, member, write_tar, write_zip
from tests.fakes.dying_installer import install
from tests.homes import CHECKOUT
from toolchains.archive import unpack
from toolchains.archive_links import Style
from toolchains.errors import DiskError, StudioError
from toolchains.jobs import JobContext
from toolchains.store import Store

#: With a check sum over the content; a plain tar has none, so that a changed byte in a file cannot be seen.
_CHECKED = ("w:gz", "w:bz2", "w:xz")
_room = Path()


def setup() -> None:
    """A folder for all trials."""
    global _room
    _room = Path(tempfile.mkdtemp(prefix="natmod-campaign-"))


def teardown() -> None:
    """Remove it."""
    shutil.rmtree(_room)


def trial(rng: random.Random) -> str:
    """Break one archive or stop one installer."""
    for path in _room.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    kinds = [_damaged, _damaged, _hostile, _hostile, _disk_full, _killed]
    return rng.choice(kinds)(rng)


def _packed(rng: random.Random, name: str = "a") -> Path:
    if rng.random() < 0.25:
        return write_zip(_room / name, HONEST)
    return write_tar(_room / name, HONEST, mode=rng.choice(_CHECKED))


def _nothing_else(*names: str) -> None:
    there = {path.name for path in _room.iterdir()}
    assert there == set(names), f"left behind: {there - set(names)}, gone: {set(names) - there}"


def _damaged(rng: random.Random) -> str:
    """Bytes changed, cut off, taken out or put in."""
    packed = _packed(rng)
    data = bytearray(packed.read_bytes())
    at = rng.randrange(len(data))
    how = rng.choice(["flip", "cut", "drop", "insert", "swap"])
    if how == "flip":
        data[at] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del data[at:]
    elif how == "drop":
        del data[at : at + rng.randrange(1, 2000)]
    elif how == "insert":
        data[at:at] = rng.randbytes(rng.randrange(1, 2000))
    else:
        data[at:] = data[at:][::-1]
    is_zip = packed.read_bytes()[:2] == b"PK"
    packed.write_bytes(data)
    try:
        unpack(JobContext(), packed, _room / "out")
    except StudioError as error:
        _nothing_else("a")
        return f"damaged by {how}: refused ({error.code})"
    _nothing_else("a", "out")
    if is_zip:  # names and modes in a zip's directory have no check sum
        assert set(contents(_room / "out").values()) <= set(HONEST.values())
    else:
        assert contents(_room / "out") == honest()
    return f"damaged by {how}: whole all the same"


#: Mostly such as may pass one by one, so that their meeting is tried.
_PARTS = (
    *("..", "..", ".", "", "n0", "n1", "a", "b", "c", "n2", "README.md", "tools", "py", "n3"),
    *("C:", "\\", "x" * 300, "\n", "/", "aux", "con.txt", "A", "dot."),
)
_WEIGHTS = [10] * 14 + [1] * 9


def _hostile(rng: random.Random) -> str:
    """Members with names and kinds that no honest archive has."""
    (_room / "keep").write_text("keep")
    extra = []
    for number in range(rng.randrange(1, 7)):
        own = [f"n{number}"] if rng.random() < 0.9 else []
        name = "/".join(["top", *rng.choices(_PARTS[6:], weights=_WEIGHTS[6:], k=rng.randrange(3)), *own])
        link = "/".join(rng.choices(_PARTS, weights=_WEIGHTS, k=rng.randrange(1, 5)))
        extra.append(member(name, rng.choice([b"0", b"1", b"2", b"2", b"2", b"2", b"5", b"5"]), link=link))
    packed = write_tar(_room / "a", HONEST, *extra, mode=rng.choice(["w:", *_CHECKED]))
    links: Style = rng.choice(["copy", "keep"])
    try:
        unpack(JobContext(), packed, _room / "out", links=links)
    except StudioError as error:
        _nothing_else("a", "keep")
        return f"hostile: refused ({error.code})"
    _nothing_else("a", "keep", "out")
    made = links_in(_room / "out")
    assert links == "keep" or not made
    assert (_room / "keep").read_text() == "keep"
    return "hostile: harmless" + (", with links" if made else "")


class _FullDisk(JobContext):
    """A job in which the disk is full at the n-th write."""

    left = 0

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().check()


def _disk_full(rng: random.Random) -> str:
    """The disk fills up in the middle of an install."""
    old, new = _packed(rng, "old"), _packed(rng, "new")
    store = Store(_room / "store")
    install(JobContext(), store.root, old)
    ctx = _FullDisk()
    ctx.left = rng.randrange(1, 25)
    try:
        install(ctx, store.root, new)
    except DiskError:
        assert _thing(store) == "old"
        assert {path.name for path in store.root.iterdir()} == {".lock", "thing"}
        return "disk full: the old one stays"
    assert _thing(store) == "new"
    return "disk full: too late to matter"


def _killed(rng: random.Random) -> str:
    """The installer is killed; afterwards another one installs."""
    old, new = _packed(rng, "old"), _packed(rng, "new")
    store = Store(_room / "store")
    install(JobContext(), store.root, old)
    moment = rng.choice(["before", "after", "check", "touch", "touch"])
    number = rng.randrange(1, {"check": 40, "touch": 90}.get(moment, 5))
    words = (sys.executable, "-m", "tests.fakes.dying_installer", store.root, new, moment, str(number))
    died = subprocess.run(words, cwd=CHECKOUT, check=False).returncode
    assert died in (0, -signal.SIGKILL)
    left = _thing(store)
    assert left == "new" or died
    install(JobContext(), store.root, old)
    assert _thing(store) == "old"
    assert len(list(store.root.iterdir())) == 2, "the next install clears up"
    return f"killed: {left} one left" if died else "killed: too late to matter"


def _thing(store: Store) -> str:
    """Which archive the one installed thing came from; its content must be whole."""
    [entry] = store.entries()
    assert installed(entry.folder) == honest()
    assert store.verify(JobContext(), entry.name) == []
    return str(entry.stamp["origin"])
