"""jedi in its own process: a board's stubs come first, and nothing of a project is run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.editor.intelligence.lsp_source import LspSource
from ide.editor.intelligence.python_modules import modules, typed_module
from ide.editor.lsp.records import Item, Location, Outline, Signature
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Launch
from tests.waiting import wait_until
from toolchains.host import Host

TIME = "def sleep_ms(ms: int, /) -> None:\n    '''Wait so many milliseconds.'''\n"
MACHINE = """\
class Pin:
    OUT: int
    def __init__(self, id: int, mode: int = -1) -> None: ...
    def value(self) -> int: ...
"""
MAIN = """\
import time, machine, evil, conftest
from helper import café
pin = machine.Pin(2)
pin.
time.sl
café(
import broken
broken.
"""


class Typed:
    """A document."""

    def __init__(self, text: str) -> None:
        self.words, self.edits = text, 0

    def text(self) -> str:
        return self.words


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every file that would be run leaves a trace, and stubs beside it."""
    folder = tmp_path_factory.mktemp("projet é")
    trace = f"open({str(folder / 'ran')!r}, 'a').write(__name__)\n"
    for name in ("evil", "conftest", "sitecustomize", "jedi", "time"):
        (folder / f"{name}.py").write_text(f"{trace}WORD = 1\n")
    (folder / "broken.so").write_bytes(b"\x7fELF nothing good")
    (folder / "helper.py").write_text(
        'def café(name, times=1):\n    """Say hello."""\n\nclass Kept:\n    def inside(self): ...\n'
    )
    stubs = folder.parent / "stubs"
    (stubs / "stdlib").mkdir(parents=True, exist_ok=True)
    (stubs / "stdlib" / "time.pyi").write_text(TIME)
    (stubs / "machine.pyi").write_text(MACHINE)
    return folder


@pytest.fixture(scope="module")
def source(root: Path) -> Iterator[LspSource]:
    """The running child."""
    options = {"root": str(root), "stubs": [str(root.parent / "stubs")], "paths": []}
    argv = (sys.executable, "-P", "-m", "ide.editor.intelligence.python_child")
    server = Server(Launch("python names", argv, root, options=options), Host.current(), lambda: None)
    found = LspSource(server, "python")
    found.opened(root / "main.py", Typed(MAIN))
    server.start()
    try:
        wait_until(lambda: not server.drain() and server.state == "ready", "jedi")
        yield found
    finally:
        server.stop()


def asked(source: LspSource, ask: Callable[[Callable[..., object]], object]) -> Any:
    """The answer to a question."""
    answers: list[Any] = []
    ask(lambda *found: answers.append(found if len(found) > 1 else found[0]))
    wait_until(lambda: bool(source.server.drain()) or answers, "an answer")
    wait_until(lambda: answers, "an answer")
    return answers[0]


def test_names_forms_and_places_are_the_boards_and_nothing_is_run(source: LspSource, root: Path) -> None:
    main = root / "main.py"

    def names(line: int, byte: int) -> list[str]:
        items: list[Item] = asked(source, lambda then: source.complete(main, (line, byte), then))
        return [one.label for one in items]

    assert {"OUT", "value"} <= set(names(3, 4))
    assert "sleep_ms" in names(4, 7)
    forms, _active = asked(source, lambda then: source.signatures(main, (5, 6), then))
    [form] = forms
    assert isinstance(form, Signature)
    assert (form.label, form.doc) == ("café(name, times=1)", "Say hello.")
    places: list[Location] = asked(source, lambda then: source.definition(main, (5, 2), then))
    assert places == [Location(root / "helper.py", (0, 4))]
    edits = asked(source, lambda then: source.rename(main, (5, 2), "thé", then))
    assert {path.name: [(one.start, one.new) for one in those] for path, those in edits.items()} == {
        "helper.py": [((0, 4), "thé")],
        "main.py": [((1, 19), "thé"), ((5, 0), "thé")],
    }
    source.opened(root / "helper.py", Typed((root / "helper.py").read_text()))
    outline: list[Outline] = asked(source, lambda then: source.outline(root / "helper.py", then))
    assert [(one.name, one.depth) for one in outline] == [("café", 0), ("Kept", 0), ("inside", 1)]
    assert names(7, 7) == []
    assert {"time", "machine", "helper"} <= set(names(0, 7))
    assert not {"marshal", "faulthandler", "tkinter", "posix"} & set(names(0, 7))  # this computer's
    assert names(0, 9) == ["time"]
    assert not (root / "ran").exists()


def test_without_stubs_what_most_boards_have_can_be_imported() -> None:
    assert {"machine", "json"} <= set(modules([], []))
    assert typed_module("import ma") == "ma"
    assert typed_module("  import os as o, t") == "t"
    assert typed_module("from ") == ""
    for line in ("from time import s", "important", "x = 1  # import", "import os.pa", "import time as t"):
        assert typed_module(line) is None


def test_a_question_that_it_cannot_answer_gets_nothing(source: LspSource, root: Path) -> None:
    odd = root / "odd.py"
    source.opened(odd, Typed("def f(:\n\x00\n" + "(" * 3000))
    assert isinstance(asked(source, lambda then: source.complete(odd, (2, 2000), then)), list)
    assert asked(source, lambda then: source.hover(odd, (900, 0), then)) == ""
    assert asked(source, lambda then: source.definition(root / "never opened.py", (0, 0), then)) == []


def test_a_cache_that_is_cut_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jedi = pytest.importorskip("jedi")
    from ide.editor.intelligence.python_child import Child

    monkeypatch.setattr(jedi.settings, "cache_directory", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    cut = iter([EOFError("Ran out of input")])

    def ask() -> str:
        for error in cut:
            raise error
        return "names"

    assert Child()._tried(ask) == "names"
    assert not (tmp_path / "cache").exists()
