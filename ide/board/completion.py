"""What a line at the console could go on with: names that the board itself knows, asked in one round trip.

Only dotted names are looked up (``machine.Pin.``): nothing is called, nothing is imported, and no name stays on the
board. Looking up an attribute may run a property of a class of the person's own; Python has no way around that.
"""

from __future__ import annotations

import keyword
import re

from ide.board.errors import BoardExecError
from ide.board.link import Board
from toolchains.jobs import JobContext

_NAME = re.compile(r"(?<![\w.)\]}\"'])((?:[^\W\d]\w*\.)*)([^\W\d]\w*)?\Z")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")

#: Written for any firmware: built-ins are fetched from their module, because main.py may have taken their names.
_OF_OBJECT = "(lambda B:[n for n in B.dir({path})if n.startswith({start!r})])(__import__('builtins'))"
_OF_MAIN = (
    "(lambda B:[n for n in B.list(B.globals())+B.dir(B)if n.startswith({start!r})])(__import__('builtins'))"
)  # fmt: skip

#: An empty line has no names to offer that would help.
_MOST = 500


def complete(ctx: JobContext, board: Board, line: str) -> tuple[int, list[str]]:
    """What may stand at the end of ``line`` (up to the caret): where the unfinished name begins, and the candidates.

    Candidates are whole names, public ones first. None inside a string or a comment, or where the name before the dot
    is unknown. Raises the errors of ``Board.ask``, of which a person may be spared all.
    """
    asked = question(line)
    if asked is None:
        return len(line), []
    path, start = asked
    form = _OF_OBJECT if path else _OF_MAIN
    try:
        found = board.ask(ctx, form.format(path=path, start=start))
    except BoardExecError:  # a name that is not there
        found = []
    names = {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()
    if not path:
        names |= {word for word in keyword.kwlist if word.startswith(start)}
    return len(line) - len(start), sorted(names, key=lambda name: (name.startswith("_"), name))[:_MOST]


def question(line: str) -> tuple[str, str] | None:
    """The object before the last dot (empty: none) and the unfinished name; None where there is nothing to ask."""
    rest = _QUOTED.sub("0", line)
    if any(mark in rest for mark in "\"'#"):
        return None
    found = _NAME.search(line)
    if found is None:
        return None
    path, start = found[1].rstrip("."), found[2] or ""
    if not path and not start:
        return None
    if any(keyword.iskeyword(part) for part in path.split(".")):
        return None
    return path, start
