"""jedi as a language server of few words: a child process that knows a board's stubs. Nothing of the project is run.

Speaks the protocol on its standard streams (``python -P -m ide.editor.intelligence.python_child``). Places are
(line, byte of UTF-8), as everywhere here; jedi counts characters. No Qt.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from ide.editor.intelligence.python_modules import modules, typed_module
from ide.editor.lsp.rpc import Framer, Message, encode

#: What jedi raises over a text that it does not understand; the question has no answer then.
_FAULTS = (
    AttributeError, KeyError, IndexError, ValueError, TypeError, RecursionError, OSError, NotImplementedError,
    AssertionError, SyntaxError, LookupError,
)  # fmt: skip
#: What is raised over a file of jedi's cache that is cut: whoever wrote it was ended meanwhile.
_CUT = (EOFError, pickle.UnpicklingError)
_KINDS = {"module": 9, "class": 7, "function": 3, "instance": 6, "statement": 6, "param": 6, "property": 10,
          "keyword": 14, "path": 17}  # fmt: skip
_SYMBOLS = {"class": 5, "function": 12}
_MOST, _MOST_TEXT = 300, 2_000_000
#: jedi reads a large module of stubs when it is first asked for one of its names.
_WARM = "import machine, time, os\nmachine.Pin.\ntime.\nos."


class Child:
    """The texts that are open, and the answers about them."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._project: Any = None
        self._stubs: list[str] = []
        self._own: list[str] = []

    def answer(self, method: str, params: Any) -> Any:  # noqa: ANN401 - JSON
        """What a question gets."""
        if method == "initialize":
            return self._begin(params)
        ask = _METHODS.get(method)
        if ask is None:
            return None
        return self._tried(lambda: ask(self, params))

    def _tried(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - JSON
        """What ``ask`` finds; a cache that is cut is thrown away, and asked once more."""
        try:
            return ask()
        except _FAULTS:
            return None
        except _CUT:
            import jedi

            shutil.rmtree(jedi.settings.cache_directory, ignore_errors=True)
        try:
            return ask()
        except (*_FAULTS, *_CUT):
            return None

    def hear(self, method: str, params: Any) -> None:  # noqa: ANN401 - JSON
        """Something that wants no answer."""
        if method == "textDocument/didOpen":
            document = params["textDocument"]
            self._texts[document["uri"]] = document["text"][:_MOST_TEXT]
        elif method == "textDocument/didChange":
            self._texts[params["textDocument"]["uri"]] = params["contentChanges"][-1]["text"][:_MOST_TEXT]
        elif method == "textDocument/didClose":
            self._texts.pop(params["textDocument"]["uri"], None)

    def warm(self) -> None:
        """Read what is asked for first."""
        for row, line in enumerate(_WARM.split("\n")[1:], 2):
            self._tried(partial(self._script(None, _WARM).complete, row, len(line)))

    # --- inside ------------------------------------------------------------------------------------------------------

    def _begin(self, params: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        import jedi

        options = params.get("initializationOptions") or {}
        stubs, root = list(options.get("stubs", ())), options.get("root")
        self._stubs, self._own = stubs, [*options.get("paths", ()), *([root] if root else ())]
        jedi.settings.auto_import_modules = []
        jedi.settings.cache_directory = options.get("cache") or jedi.settings.cache_directory
        _use_stubs(stubs)
        self._project = jedi.Project(
            root, sys_path=[*options.get("paths", ()), *stubs, root], smart_sys_path=False,
            load_unsafe_extensions=False,
        )  # fmt: skip
        return {"capabilities": {"positionEncoding": "utf-8", "completionProvider": {"triggerCharacters": ["."]}}}

    def _script(self, uri: str | None, text: str) -> Any:  # noqa: ANN401 - jedi has no types
        import jedi

        # This process's own interpreter: no other Python is started, and nothing of the project is imported.
        return jedi.Script(text, path=_path(uri), project=self._project, environment=jedi.InterpreterEnvironment())

    def _at(self, params: Any) -> tuple[Any, int, int]:  # noqa: ANN401 - JSON
        """A script, with jedi's line and column."""
        uri, place = params["textDocument"]["uri"], params["position"]
        line = self._line(params).encode()[: place["character"]].decode(errors="ignore")
        return self._script(uri, self._texts[uri]), place["line"] + 1, len(line)

    def _line(self, params: Any) -> str:  # noqa: ANN401 - JSON
        row: int = params["position"]["line"]
        return self._texts[params["textDocument"]["uri"]].split("\n", row + 1)[row]

    def complete(self, params: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Names; those with an underscore last."""
        script, line, column = self._at(params)
        typed = typed_module(self._line(params)[:column])
        if typed is not None:
            return [
                {"label": name, "insertText": name, "kind": _KINDS["module"], "sortText": f"{name[:1] == '_':d}{name}"}
                for name in modules(self._stubs, self._own)
                if name.lower().startswith(typed.lower())
            ]
        found = []
        for name in script.complete(line, column)[:_MOST]:
            label = name.name_with_symbols
            order = f"{2 if name.name.startswith('__') else 1 if name.name.startswith('_') else 0}{name.name}"
            found.append({
                "label": label, "insertText": label, "kind": _KINDS.get(name.type, 1), "sortText": order,
            })  # fmt: skip
        return found

    def hover(self, params: Any) -> dict[str, Any] | None:  # noqa: ANN401
        """The form and the words of a name."""
        script, line, column = self._at(params)
        for name in script.help(line, column)[:1] or script.infer(line, column)[:1]:
            words = name.docstring() or name.description
            return {"contents": {"kind": "plaintext", "value": words}}
        return None

    def signatures(self, params: Any) -> dict[str, Any]:  # noqa: ANN401
        """The forms of a call."""
        script, line, column = self._at(params)
        found = script.get_signatures(line, column)
        rows = [
            {
                "label": one.to_string(), "documentation": one.docstring(raw=True),
                "parameters": [{"label": param.to_string()} for param in one.params],
                "activeParameter": one.index if one.index is not None else -1,
            }
            for one in found
        ]  # fmt: skip
        return {"signatures": rows, "activeSignature": 0}

    def definition(self, params: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Where it is defined; in the project before stubs."""
        script, line, column = self._at(params)
        found = script.goto(line, column, follow_imports=True, follow_builtin_imports=True)
        return list(self._places(found))

    def references(self, params: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Where it is used, in the project."""
        script, line, column = self._at(params)
        return list(self._places(script.get_references(line, column, include_builtins=False)))

    def rename(self, params: Any) -> dict[str, Any]:  # noqa: ANN401
        """Every use, with another name."""
        changes: dict[str, list[dict[str, Any]]] = {}
        for place in self.references(params):
            changes.setdefault(place["uri"], []).append({"range": place["range"], "newText": params["newName"]})
        return {"changes": changes}

    def outline(self, params: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Classes and functions, with what is in them."""
        uri = params["textDocument"]["uri"]
        text = self._texts[uri]
        names = self._script(uri, text).get_names(all_scopes=False, definitions=True)
        return [self._symbol(one, text, 0) for one in names if one.type in ("class", "function", "statement")][:_MOST]

    def _symbol(self, name: Any, text: str, depth: int) -> dict[str, Any]:  # noqa: ANN401
        inside = name.defined_names() if name.type in _SYMBOLS and depth < 3 else ()
        return {
            "name": name.name, "kind": _SYMBOLS.get(name.type, 13), "selectionRange": _range(name, text),
            "children": [self._symbol(one, text, depth + 1) for one in inside if one.type in _SYMBOLS],
        }  # fmt: skip

    def _places(self, names: Sequence[Any]) -> Iterator[dict[str, Any]]:
        for name in names[:_MOST]:
            if name.module_path is None or name.line is None:
                continue
            uri = Path(name.module_path).as_uri()
            text = self._texts.get(uri)
            if text is None:
                text = Path(name.module_path).read_text("utf-8", "replace")
            yield {"uri": uri, "range": _range(name, text)}


_METHODS: dict[str, Callable[[Child, Any], Any]] = {
    "textDocument/completion": Child.complete, "textDocument/hover": Child.hover,
    "textDocument/signatureHelp": Child.signatures, "textDocument/definition": Child.definition,
    "textDocument/references": Child.references, "textDocument/rename": Child.rename,
    "textDocument/documentSymbol": Child.outline,
}  # fmt: skip


def _range(name: Any, text: str) -> dict[str, Any]:  # noqa: ANN401
    row = name.line - 1
    line = text.split("\n", row + 1)[row]
    start = len(line[: name.column].encode())
    end = start + len(name.name.encode())
    return {"start": {"line": row, "character": start}, "end": {"line": row, "character": end}}


def _path(uri: str | None) -> Path | None:
    return Path(url2pathname(unquote(urlsplit(uri).path))) if uri else None


def _use_stubs(stubs: list[str]) -> None:
    """jedi looks into its own typeshed (CPython's) for ``time`` and its like: the board's stubs come before it.

    shared/reference/editor.md section 8: there is no setting for that.
    """
    from jedi.inference.gradual import typeshed

    own = typeshed._get_typeshed_directories

    def directories(version_info: Any) -> Iterator[Any]:  # noqa: ANN401
        yield from own(version_info)
        for folder in stubs:
            for place in (Path(folder, "stdlib"), Path(folder)):
                if place.is_dir():
                    yield typeshed.PathInfo(str(place), False)

    typeshed._get_typeshed_directories = directories


def _send(message: Message) -> None:
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer until the other side goes."""
    child, framer = Child(), Framer()
    while data := os.read(sys.stdin.fileno(), 1 << 16):
        for message in framer.feed(data):
            method, number = str(message.get("method")), message.get("id")
            if method == "exit":
                return
            if number is None:
                child.hear(method, message.get("params"))
                if method == "initialized":
                    child.warm()
            else:
                result = child.answer(method, message.get("params"))
                _send({"jsonrpc": "2.0", "id": number, "result": result})


if __name__ == "__main__":
    main()
