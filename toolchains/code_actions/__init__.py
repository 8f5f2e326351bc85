"""What the editor offers to do at a place of a text: in C (``c_actions``), in Python (``python_actions``), and what it
knows better there (``python_hints``). All of it are edits, shown first and undone (:mod:`toolchains.edits`).

``places`` knows where a module's C keeps its functions and names.
"""

from toolchains.code_actions.c_actions import actions_at as c_actions_at
from toolchains.code_actions.c_actions import add_function
from toolchains.code_actions.python_actions import actions_at as python_actions_at
from toolchains.code_actions.python_actions import to_c
from toolchains.code_actions.python_hints import Hint, hints_of, new_name
from toolchains.code_actions.records import CodeActionError

__all__ = [
    "CodeActionError",
    "Hint",
    "add_function",
    "c_actions_at",
    "hints_of",
    "new_name",
    "python_actions_at",
    "to_c",
]
