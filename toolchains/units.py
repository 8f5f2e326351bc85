"""The one formatter for numbers with units. 1 kB is 1024 bytes here, as in MicroPython's own memory figures.

The decimal mark, the unit's name and the space before it are the active language's (French: ``1,1 ko``).
"""

from __future__ import annotations

from collections.abc import Callable

from toolchains.text import Text, _

_KILO = 1024
_UNITS: tuple[Callable[[str], Text], ...] = (
    lambda number: _("{number} B", number=number),
    lambda number: _("{number} kB", number=number),
    lambda number: _("{number} MB", number=number),
    lambda number: _("{number} GB", number=number),
    lambda number: _("{number} TB", number=number),
)


def number_text(value: float, decimals: int) -> str:
    """A number with so many decimals: ``1.50``; French: ``1,50``."""
    # l10n: the decimal mark of numbers, as in 0.04
    return f"{value:.{decimals}f}".replace(".", str(_(".")))


def size_text(n_bytes: float) -> str:
    """Bytes as ``148 B``, ``1.1 kB``, ``98 kB``, ``2.0 MB``: two significant digits below ten, else whole numbers."""
    value, unit = float(n_bytes), 0
    while abs(value) >= _KILO and unit < len(_UNITS) - 1:
        value, unit = value / _KILO, unit + 1
    return str(_UNITS[unit](number_text(value, 0 if unit == 0 or abs(value) >= 9.95 else 1)))


def signed_size_text(n_bytes: int) -> str:
    """A difference in bytes: ``+12 B``, ``-1.1 kB``, ``±0 B``."""
    sign = "+" if n_bytes > 0 else "-" if n_bytes < 0 else "±"
    return sign + size_text(abs(n_bytes))


def time_text(seconds: float) -> str:
    """Seconds as ``0.04 s``, ``7.2 s``, ``42 s``, ``3 min 20 s``."""
    if seconds < 60:
        return str(_("{number} s", number=number_text(seconds, 2 if seconds < 1 else 1 if seconds < 10 else 0)))
    minutes, rest = divmod(round(seconds), 60)
    return str(_("{minutes} min {seconds} s", minutes=minutes, seconds=f"{rest:02d}"))


def short_time_text(seconds: float) -> str:
    """Seconds that may be very few: ``0.24 ms``, ``1.9 ms``, ``85 ms``, from 0.1 s on as :func:`time_text`."""
    value = seconds * 1000
    if value >= 100:
        return time_text(seconds)
    return str(_("{number} ms", number=number_text(value, 2 if value < 0.995 else 1 if value < 9.95 else 0)))


def percent_text(part: float, whole: float) -> str:
    """A share as ``41 %``; ``0 %`` when the whole is nothing."""
    return str(_("{number} %", number=round(100 * part / whole) if whole else 0))
