"""Which names a module can have, so that ``import NAME`` works on every board."""

from __future__ import annotations

import keyword
import re
import unicodedata

from toolchains.text import Text, _

#: A qstr has at most 255 bytes; a file name on a small FAT disk, and a person's patience, have fewer.
MAX_LENGTH = 64

#: Boards run main and boot by themselves; the others are built in and never looked for on the disk
#: (MP_REGISTER_MODULE, not MP_REGISTER_EXTENSIBLE_MODULE, in MicroPython's sources).
_TAKEN = ("main", "boot", "sys", "builtins", "micropython", "gc", "math", "cmath", "esp", "esp32")


def name_problem(name: str) -> Text | None:
    """Why ``name`` cannot be a module's name; None when it can."""
    if not name.isascii() or not name.isidentifier():
        return _(
            '"{name}" cannot be a module\'s name: use letters, digits and _ only, and begin with a letter.',
            name=name if name.isprintable() else ascii(name),
        )
    if keyword.iskeyword(name):
        return _('"{name}" cannot be a module\'s name: it is a word of the Python language.', name=name)
    if name in _TAKEN:
        return _('"{name}" cannot be a module\'s name: MicroPython uses it itself.', name=name)
    if len(name) > MAX_LENGTH:
        return _("A module's name has at most {n} letters.", n=MAX_LENGTH)
    return None


def name_from(text: str) -> str:
    """A valid module name made from a folder's or file's name: ``ring-class`` gives ``ring_class``."""
    # NFKD takes the accents off: "été" gives "ete".
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    name = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")[:MAX_LENGTH] or "module"
    if name[0].isdigit():
        name = f"module_{name}"[:MAX_LENGTH]
    return name if name_problem(name) is None else f"{name[: MAX_LENGTH - 4]}_mod"
