"""C in MicroPython's style: by clang-format, as a child; the style is data, and a project's own ``.clang-format`` wins.

``resources/editor/c_style.json`` was found by trying: upstream's native modules come out as they are, but for tables
that were aligned by hand.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

from toolchains.errors import StudioError, ToolMissing
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.text import _

_OWN = (".clang-format", "_clang-format")


class NotFormatted(StudioError):
    """clang-format did not take the text. ``detail`` is what it said."""

    code = "format"

    def __init__(self, name: str, said: str) -> None:
        super().__init__(
            _("{name} was not formatted.", name=name),
            next_step=_("Mend what is marked first, then try again."),
            detail=said,
            name=name,
        )


@cache
def _style() -> str:
    return json.dumps(json.loads((resources() / "editor" / "c_style.json").read_text("utf-8")))


def program(host: Host) -> Path | None:
    """clang-format of its wheel, called directly, or of PATH."""
    spec = importlib.util.find_spec("clang_format")
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / "data" / "bin" / f"clang-format{host.exe_suffix}"
        if found.is_file():
            return found
    return host.which("clang-format")


def formatted(ctx: JobContext, path: Path, text: str) -> str:
    """The text of a C file in its style. Raises ``ToolMissing``, :class:`NotFormatted`."""
    found = program(ctx.host)
    if found is None:
        raise ToolMissing("clang-format", command='python -m pip install "natmod-studio[gui]"')
    style = "file" if any((folder / name).is_file() for folder in path.parents for name in _OWN) else _style()
    argv = (str(found), f"--style={style}", f"--assume-filename={path}")
    done = ctx.run(argv, cwd=path.parent, stdin=text.encode(), check=False)
    if done.returncode != 0:
        raise NotFormatted(path.name, done.text)
    return done.stdout.decode("utf-8", "replace")
