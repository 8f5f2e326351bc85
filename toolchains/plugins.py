"""Plugins: entry points of installed distributions, in three groups. What comes with us enters through the same door.

Two steps. :func:`discover` says what there is, from the files ``entry_points.txt``, and imports nothing;
:func:`open_plugin` imports one and checks it. A plugin that cannot be used is a :class:`Broken` that names it and says
why; all others are used. ``examples/plugin_hello`` is a whole one.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from toolchains.errors import StudioError
from toolchains.text import Text, _

PANELS = "natmod_studio.panels"
TOOLCHAINS = "natmod_studio.toolchains"
BOARDS = "natmod_studio.boards"
#: The interface that plugins are written for, as their attribute ``api`` says. Raise it with every new promise.
API = 1
OURS = "natmod-studio"

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """An entry point: its group and name, ``module:attribute``, and the distribution that has it."""

    group: str
    name: str
    value: str
    distribution: str
    version: str

    @property
    def builtin(self) -> bool:
        """Whether it came with Natmod Studio."""
        return self.distribution == OURS

    def load(self) -> object:
        """Import the module, take the attribute. Raises whatever that module raises."""
        module, _colon, attributes = self.value.partition(":")
        thing: object = importlib.import_module(module.strip())
        for name in filter(None, attributes.strip().split(".")):
            thing = getattr(thing, name)
        return thing


class PluginError(StudioError):
    """A plugin cannot be used. Fields: ``plugin`` (its name), ``distribution``, ``group``."""

    code = "plugin"

    def __init__(self, found: Found, why: Text, next_step: Text | None = None, detail: str = "") -> None:
        fields = {"plugin": found.name, "distribution": found.distribution}
        super().__init__(
            _("The plugin {plugin} of {distribution} cannot be used.", **fields),
            why=why,
            next_step=next_step or _remedy(found),
            detail=detail,
            group=found.group,
            **fields,
        )


class PluginFailed(PluginError):
    """Code of the plugin raised something. ``detail`` is the traceback."""

    code = "plugin.failed"

    def __init__(self, found: Found, error: BaseException) -> None:
        said = str(error) or type(error).__name__
        why = _("It failed with {kind}: {error}.", kind=type(error).__name__, error=said.rstrip("."))
        super().__init__(found, why, detail="".join(traceback.format_exception(error)))


class PluginWrong(PluginError):
    """What the entry point names is not what plugins of its group are."""

    code = "plugin.type"

    def __init__(self, found: Found, wanted: type, thing: object) -> None:
        names = {"value": found.value, "kind": type(thing).__name__, "wanted": wanted.__name__}
        super().__init__(found, _("{value} is a {kind}, and {wanted} was expected.", **names))


class PluginTooNew(PluginError):
    """The plugin was written for an interface that this Natmod Studio does not have yet."""

    code = "plugin.api"

    def __init__(self, found: Found, theirs: int, ours: int) -> None:
        why = _(
            "It is written for plugin interface {theirs}, and this Natmod Studio has {ours}.", theirs=theirs, ours=ours
        )
        super().__init__(found, why, _("Install a newer Natmod Studio, or an older version of the plugin."))


class PluginTaken(PluginError):
    """Another plugin of the group has this name already."""

    code = "plugin.taken"

    def __init__(self, found: Found, name: str, holder: Found) -> None:
        super().__init__(found, _("{holder} has one called {name} already.", holder=holder.distribution, name=name))


def _remedy(found: Found) -> Text | None:
    if found.builtin:
        return None
    remove = f"{sys.executable} -m pip uninstall {found.distribution}"
    return _("Update it, or remove it with: {command}", command=remove)


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A plugin that can be used, and where it came from."""

    found: Found
    plugin: T


@dataclass(frozen=True)
class Broken:
    """A plugin that cannot be used, and why."""

    found: Found
    error: PluginError


@contextmanager
def blamed_on(found: Found) -> Iterator[None]:
    """Turn whatever the plugin's code raises in the body into :class:`PluginFailed`: the rest of us works on."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise PluginFailed(found, error) from error


# --- what there is ---------------------------------------------------------------------------------------------------


def discover(group: str, path: Sequence[str] | None = None) -> list[Found]:
    """The entry points of a group in the folders ``path`` (default ``sys.path``), ours first, then by distribution.

    Reads the files itself: ``importlib.metadata`` costs every start 80 ms for its import alone, this takes 1 ms. Like
    it, the first folder that has a distribution is the one that counts. Folders only, no zip files.
    """
    seen: set[str] = set()
    found: list[Found] = []
    for folder in sys.path if path is None else path:
        for info in _distributions(folder or os.curdir):
            name, version = _named(info)
            if name not in seen:
                seen.add(name)
                found += _entries(os.path.join(folder, info), group, name, version)
    return sorted(found, key=lambda one: (not one.builtin, one.distribution, one.name))


def _distributions(folder: str) -> list[str]:
    with suppress(OSError):  # a path entry that is a file, is not there, or must not be read
        return sorted(name for name in os.listdir(folder) if name.endswith((".dist-info", ".egg-info")))
    return []


def _named(info: str) -> tuple[str, str]:
    """``Foo_Bar-1.2.dist-info``: the name as pip writes it (``foo-bar``), and the version."""
    name, _dash, version = info.rpartition(".")[0].partition("-")
    return re.sub(r"[-_.]+", "-", name).lower(), version.partition("-")[0]


def _entries(info: str, group: str, name: str, version: str) -> list[Found]:
    try:
        with open(os.path.join(info, "entry_points.txt"), "rb") as file:
            content = file.read()
    except OSError:  # most distributions have none
        return []
    if group.encode() not in content:
        return []
    found, section = [], ""
    for line in content.decode("utf-8", "replace").splitlines():
        words = line.strip()
        if words.startswith("["):
            section = words.strip("[]").strip()
        elif section == group and words and not words.startswith(("#", ";")):
            key, _equals, value = words.partition("=")
            found.append(Found(group, key.strip(), value.partition("[")[0].strip(), name, version))
    return found


# --- what can be used ------------------------------------------------------------------------------------------------


def open_plugin(found: Found, wanted: type[T], api: int = API) -> Loaded[T] | Broken:
    """Import one plugin and check it: of the type ``wanted``, and for no newer interface than ``api``."""
    try:
        with blamed_on(found):
            thing = found.load()
            theirs = getattr(thing, "api", api)
        if isinstance(theirs, int) and theirs > api:  # first: what is newer may well be of another type
            raise PluginTooNew(found, theirs, api)
        if not isinstance(thing, wanted):
            raise PluginWrong(found, wanted, thing)
    except PluginError as error:
        return Broken(found, error)
    return Loaded(found, thing)


def load(
    group: str,
    wanted: type[T],
    api: int = API,
    find: Callable[[str], Iterable[Found]] | None = None,
) -> tuple[list[Loaded[T]], list[Broken]]:
    """The plugins of a group that can be used, and those that cannot. Two of the same name: the first one counts.

    The name is the plugin's attribute ``id`` if it has one, else the entry point's. ``find`` stands in for
    :func:`discover`.
    """
    good: dict[str, Loaded[T]] = {}
    bad: list[Broken] = []
    for found in (find or discover)(group):
        opened = open_plugin(found, wanted, api)
        if isinstance(opened, Broken):
            bad.append(opened)
            continue
        name = str(getattr(opened.plugin, "id", found.name))
        holder = good.setdefault(name, opened).found
        if holder is not found:
            bad.append(Broken(found, PluginTaken(found, name, holder)))
    return list(good.values()), bad
