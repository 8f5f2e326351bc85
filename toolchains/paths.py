"""Where data, caches and resources live. Design.md section 11, "State" and "Wheel"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from toolchains.host import Host
from toolchains.plain import store_of

_APP = "natmod-studio"
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Paths:
    """The four roots, and the store. ``NATMOD_HOME`` moves all of them (USB stick, tests)."""

    config: Path
    data: Path
    cache: Path
    state: Path
    #: Compilers and SDKs: in ``data``, except where a compiler could not read that path (:mod:`toolchains.plain`).
    store: Path

    @staticmethod
    def of(host: Host) -> Paths:
        """The roots for the user of ``host``."""
        found = Paths.from_environment(host.environ)
        return replace(found, store=store_of(host, found.data))

    @staticmethod
    def from_environment(environ: Mapping[str, str]) -> Paths:
        """The roots for this user, from ``NATMOD_HOME`` if it is set, else from the platform's conventions."""
        home = environ.get("NATMOD_HOME")
        if home:
            base = Path(home).expanduser().absolute()
            return Paths(base / "config", base / "data", base / "cache", base / "state", base / "data")
        import platformdirs  # here: before anything is installed, studio.py reads modules that import this one

        data = platformdirs.user_data_path(_APP, appauthor=False)
        return Paths(
            platformdirs.user_config_path(_APP, appauthor=False),
            data,
            platformdirs.user_cache_path(_APP, appauthor=False),
            platformdirs.user_state_path(_APP, appauthor=False),
            data,
        )


def _bundled(inside: str, checkout: str) -> Path:
    installed = _PACKAGE / inside
    return installed if installed.is_dir() else _PACKAGE.parent / checkout


def resources() -> Path:
    """The project's data files: ``toolchains/_resources`` in a wheel, ``resources`` in a checkout."""
    return _bundled("_resources", "resources")


def examples() -> Path:
    """The examples: ``toolchains/_examples`` in a wheel, ``examples`` in a checkout."""
    return _bundled("_examples", "examples")
