"""The one formatter for numbers with units. 1 kB is 1024 bytes here, as in MicroPython's own memory figures."""

from __future__ import annotations

_STEPS = ("B", "kB", "MB", "GB", "TB")


def size_text(n_bytes: float) -> str:
    """Bytes as ``148 B``, ``1.1 kB``, ``98 kB``, ``2.0 MB``: two significant digits below ten, else whole numbers."""
    value = float(n_bytes)
    for unit in _STEPS:
        if abs(value) < 1024 or unit == _STEPS[-1]:
            break
        value /= 1024
    if unit == "B" or abs(value) >= 9.95:
        return f"{value:.0f} {unit}"
    return f"{value:.1f} {unit}"


def signed_size_text(n_bytes: int) -> str:
    """A difference in bytes: ``+12 B``, ``-1.1 kB``, ``±0 B``."""
    sign = "+" if n_bytes > 0 else "-" if n_bytes < 0 else "±"
    return sign + size_text(abs(n_bytes))


def time_text(seconds: float) -> str:
    """Seconds as ``0.04 s``, ``7.2 s``, ``42 s``, ``3 min 20 s``."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def percent_text(part: float, whole: float) -> str:
    """A share as ``41 %``; ``0 %`` when the whole is nothing."""
    return f"{round(100 * part / whole) if whole else 0} %"
