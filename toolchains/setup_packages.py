"""Where studio.py gets Python packages: the package index, or a pack, without a network. Standard library only.

A pack that ``--from`` names is remembered beside the checkout. While the lock of the set-up is held, the wheels that
serve here are put into a folder, each with its hash checked, and pip looks nowhere else.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.first_start import Machine
from toolchains.host_languages import VARIABLE
from toolchains.pack_manifest import MANIFEST, PackError, PackFile
from toolchains.setup_pack import SetupPack
from toolchains.text import Text, _
from toolchains.units import size_text

#: Measured on PyPI for Linux x86_64, in millions of bytes: ziglang is 101 of the first, setuptools, which makes
#: esptool's wheel, 1; Qt is 80 of the second.
_DOWNLOADS = {"main": 115, "gui": 84, "test": 45}
#: In bytes: what is smaller is taken even if it seems not to be needed; the build backend may need it.
_LARGE = 10_000_000
_KEPT = "wheels"
_UNPACKED = ".venv-wheels"
#: What sys.platform and the processor are called in packs.
_KEYS = {"linux": "linux", "darwin": "macos"}
_PROCESSORS = {"linux": {"x86_64": "-amd64", "aarch64": "-arm64"}, "darwin": {"x86_64": "", "arm64": "-arm64"}}


class PackLacks(PackError):
    """The pack has no Python packages for this computer or this Python."""

    code = "pack.lacks"

    def __init__(self, where: str, what: Text, next_step: Text) -> None:
        super().__init__(_("The pack {pack} lacks {what}.", pack=where, what=what), next_step=next_step, pack=where)


class Packages:
    """Where pip gets packages from. ``named``: the pack of this start, ``home``: the data of a portable copy."""

    def __init__(
        self, root: Path, machine: Machine, say: Callable[..., None], named: str | None = None, home: Path | None = None
    ) -> None:
        self._root, self._machine, self._say, self._home = root, machine, say, home
        self._named = named
        self._note = root / ".venv.pack"
        self._packs: dict[str, SetupPack] = {}
        self._installed = False
        self._told: set[tuple[str, str]] = set()

    # --- for studio.Environment, which holds the lock --------------------------------------------------------------

    def announce(self, group: str) -> None:
        """Say what comes, and how much of it."""
        if self._places() and group != "test":
            return
        self._say("{text}", text=self._downloads(group))

    def ways(self, group: str) -> Iterator[list[str]]:
        """The options for pip, in the order in which to try: a pack that was named now is the only one.

        Raises PackError if that one does not serve, and DiskError.
        """
        self._installed = True
        places = self._places() if group != "test" else []
        for where in places:
            try:
                folder = self._fetched(where, group)
            except (PackError, UsageError) as error:
                if self._named:
                    raise
                self._say("{text}", text=error)
            else:
                yield ["--no-index", "--find-links", str(folder)]
        if not places or not self._named:
            if places:
                self._say("{text}", text=self._downloads(group))
            yield []

    def pip(self) -> str | None:
        """The pip of the pack, as something that Python runs; None without a pack. For Pythons without ensurepip."""
        for where in self._places():
            with contextlib.suppress(PackError, UsageError):
                pack = self._open(where)
                wheel = next((file for file in self._fitting(pack) if file.name.startswith("pip-")), None)
                if wheel is not None:
                    return str(self._put(pack, [wheel]) / wheel.name / "pip")
        return None

    def lacks(self, said: str) -> StudioError | None:
        """What to say when pip found a package neither here nor there, and a pack was all that it had."""
        found = re.search(r"No matching distribution found for ([\w.-]+)", said)
        if found is None or not self._named:
            return None
        what = _(
            "{name} for {platform} and Python {python}", name=found[1], platform=self._key(), python=self._python()
        )
        return PackLacks(self._named, what, self._remedy())

    def close(self) -> None:
        """Remove what was unpacked, except in a portable copy: there it serves again."""
        for pack in self._packs.values():
            pack.close()
        self._packs.clear()
        shutil.rmtree(self._root / _UNPACKED, ignore_errors=True)

    def settle(self, python: str, language: str) -> None:
        """Remember the pack, beside the checkout and for the engine. What the engine says of it is said."""
        if self._named:
            with disk_errors(self._note):
                self._note.write_text(self._portable_name(self._named) + "\n", "utf-8")
        where = next(iter(self._remembered()), None)
        if where is None or not (self._named or self._installed):
            return
        argv = [python, "-P", "-m", "toolchains.pack_memory", where]
        _code, said = self._machine.run(argv, env={**self._machine.environ, VARIABLE: language})
        for line in said.splitlines():
            self._say("{text}", text=line)

    # --- packs -----------------------------------------------------------------------------------------------------

    def _places(self) -> list[str]:
        """Where to look for wheels: the pack that is named, else what a portable copy has kept and the last pack."""
        if self._named:
            return [self._named]
        kept = self._home / _KEPT if self._home is not None else None
        own = [str(kept)] if kept is not None and (kept / MANIFEST).is_file() else []
        return own + self._remembered()

    def _remembered(self) -> list[str]:
        try:
            where = self._note.read_text("utf-8").strip()
        except (OSError, ValueError):
            return []
        if where and "://" not in where:
            where = os.path.normpath(self._root / where)
        return [where] if where else []

    def _portable_name(self, where: str) -> str:
        """The place, as it is still found when the stick has another letter."""
        if "://" in where:
            return where
        full = os.path.abspath(os.path.expanduser(where))
        if self._home is not None:
            with contextlib.suppress(ValueError):  # on another drive
                return os.path.relpath(full, self._root)
        return full

    def _open(self, where: str) -> SetupPack:
        if where not in self._packs:
            self._packs[where] = SetupPack.open(where)
        return self._packs[where]

    def _fetched(self, where: str, group: str) -> Path:
        """The folder with the wheels for this group. Raises PackError, DiskError."""
        pack = self._open(where)
        unwanted = self._not_for(group)
        files = [
            file
            for file in self._fitting(pack)
            if file.size < _LARGE or _project(file.name.partition("-")[0]) not in unwanted
        ]
        self._check(pack)
        size = size_text(sum(file.size for file in files))
        if (where, group) not in self._told:
            self._told.add((where, group))
            self._say("{text}", text=_("Taking Python packages from {pack} ({size}).", pack=pack.where, size=size))
        return self._put(pack, files)

    def _put(self, pack: SetupPack, files: Sequence[PackFile]) -> Path:
        folder = self._home / _KEPT if self._home is not None else self._root / _UNPACKED
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            pack.copy(file, folder)
        if self._home is not None and pack.where != str(folder):
            self._keep(pack, folder)
        return folder

    def _keep(self, pack: SetupPack, folder: Path) -> None:
        """Make the folder of a portable copy a pack of its own."""
        there = [replace(file, path=file.name) for file in self._fitting(pack) if (folder / file.name).is_file()]
        small = replace(pack.manifest, files=tuple(there), toolchains=())
        with disk_errors(folder):
            (folder / f"{MANIFEST}.new").write_bytes(small.to_json())
            os.replace(folder / f"{MANIFEST}.new", folder / MANIFEST)

    def _fitting(self, pack: SetupPack) -> list[PackFile]:
        return pack.wheels(self._machine.platform, self._machine.processor, self._machine.version)

    def _check(self, pack: SetupPack) -> None:
        """Raise :class:`PackLacks` where the pack itself says that it is not for this computer."""
        manifest = pack.manifest
        if not manifest.of_kind("wheel"):
            raise PackLacks(pack.where, _("the Python packages of Natmod Studio"), self._remedy())
        if manifest.platforms and self._key() not in manifest.platforms:
            known = ", ".join(manifest.platforms)
            what = _("Python packages for {platform}: it is made for {known}", platform=self._key(), known=known)
            raise PackLacks(pack.where, what, self._remedy())
        if manifest.pythons and self._python() not in manifest.pythons:
            known = ", ".join(manifest.pythons)
            what = _(
                "Python packages for Python {python}: it has those for {known}", python=self._python(), known=known
            )
            here = [f"python{one}" for one in manifest.pythons if self._machine.works(f"python{one}")]
            other = _("Start it with {python} instead.", python=here[0]) if here else self._remedy()
            raise PackLacks(pack.where, what, other)

    def _remedy(self) -> Text:
        return _(
            "Have the pack made with --platforms {platform} --python {python}.",
            platform=self._key(), python=self._python(),
        )  # fmt: skip

    def _key(self) -> str:
        """This computer, as packs call it."""
        kind, processor = self._machine.platform, self._machine.processor
        if kind == "win32":
            return "win64"
        return _KEYS.get(kind, kind) + _PROCESSORS.get(kind, {}).get(processor, f"-{processor}")

    def _python(self) -> str:
        return "{}.{}".format(*self._machine.version)

    def _not_for(self, group: str) -> set[str]:
        """What the group does not need: the one is got without Qt, and the other when zig is there already."""
        import tomllib

        with disk_errors(self._root / "pyproject.toml"):
            project = tomllib.loads((self._root / "pyproject.toml").read_text("utf-8")).get("project", {})
        lines = (
            project.get("dependencies", [])
            if group == "gui"
            else project.get("optional-dependencies", {}).get("gui", [])
        )
        return {_project(line) for line in lines}

    @staticmethod
    def _downloads(group: str) -> Text:
        n = _DOWNLOADS[group]
        if group == "gui":
            return _("Getting the packages of the window: about {n} MB, nearly all of it Qt.", n=n)
        if group == "test":
            return _("Getting the packages that the tests need (about {n} MB).", n=n)
        return _("Getting Python packages: about {n} MB to download, nearly all of it the zig compiler.", n=n)


def _project(text: str) -> str:
    """The name of a project, at the start of a requirement, in the form that compares (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", text)
    return re.sub(r"[-_.]+", "-", found[0] if found else text).lower()
