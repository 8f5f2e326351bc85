"""Where data, caches and resources live. Design.md section 11, "State" and "Wheel"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_APP = "natmod-studio"
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Paths:
    """The four roots. ``NATMOD_HOME`` moves all of them (USB stick, tests)."""

    config: Path
    data: Path
    cache: Path
    state: Path

    @staticmethod
    def from_environment(environ: Mapping[str, str]) -> Paths:
        """The roots for this user, from ``NATMOD_HOME`` if it is set, else from the platform's conventions."""
        home = environ.get("NATMOD_HOME")
        if home:
            base = Path(home).expanduser().absolute()
            return Paths(base / "config", base / "data", base / "cache", base / "state")
        return Paths(
            platformdirs.user_config_path(_APP, appauthor=False),
            platformdirs.user_data_path(_APP, appauthor=False),
            platformdirs.user_cache_path(_APP, appauthor=False),
            platformdirs.user_state_path(_APP, appauthor=False),
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
