"""What passes between us and a language server: how it is started, what it tells, and our own messages. No Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ide.editor.lsp.rpc import Message

State = Literal["off", "starting", "ready", "waiting", "given up"]
Then = Callable[[Any], object]

#: Seconds that a start, an ordinary request and a goodbye may take.
START_S, REQUEST_S, GOODBYE_S = 30.0, 10.0, 1.0
#: Pauses before a child that died is started again; after the last one it is given up.
PAUSES_S = (0.2, 1.0, 4.0, 15.0)


@dataclass(frozen=True)
class Launch:
    """How a server is started. ``options`` are its ``initializationOptions``, ``configuration`` what it gets when it
    asks for settings (the same for every section), ``capabilities`` what the client can do beyond text."""

    name: str
    argv: tuple[str, ...]
    root: Path
    options: Any = None
    configuration: Any = field(default_factory=dict)
    env: Mapping[str, str | None] = field(default_factory=dict)
    pauses: tuple[float, ...] = PAUSES_S
    request_s: float = REQUEST_S
    start_s: float = START_S


@dataclass(frozen=True)
class StateChanged:
    """The server is in another state; ``why`` is for a log, in the tool's words."""

    state: State
    why: str = ""


@dataclass(frozen=True)
class Notified:
    """The server tells something without being asked."""

    method: str
    params: Any


@dataclass(frozen=True)
class Answered:
    """An answer on its way to whoever asked."""

    then: Then
    result: Any


Event = StateChanged | Notified


@dataclass
class Document:
    """An open document, as the server was told last. ``anew``: it is to be read again though the text is the same."""

    language: str
    version: int
    text: str
    anew: bool = False


def notification(method: str, params: Any) -> Message:  # noqa: ANN401 - JSON
    """A message that expects no answer."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


def opened(uri: str, document: Document) -> Message:
    """A document is open."""
    item = {"uri": uri, "languageId": document.language, "version": document.version, "text": document.text}
    return notification("textDocument/didOpen", {"textDocument": item})


def changed(uri: str, document: Document) -> Message:
    """All of a document\'s text, anew."""
    params: dict[str, Any] = {
        "textDocument": {"uri": uri, "version": document.version},
        "contentChanges": [{"text": document.text}],
    }
    if document.anew:
        params["forceRebuild"] = True  # clangd's own; others ignore it
        document.anew = False
    return notification("textDocument/didChange", params)


def greeting(launch: Launch) -> Mapping[str, Any]:
    """What this client can do. Positions are bytes of UTF-8, as Scintilla counts."""
    formats: Sequence[str] = ["markdown", "plaintext"]
    return {
        "processId": os.getpid(),
        "rootUri": launch.root.as_uri(),
        "workspaceFolders": [{"uri": launch.root.as_uri(), "name": launch.root.name}],
        "initializationOptions": launch.options,
        "capabilities": {
            "general": {"positionEncodings": ["utf-8"]},
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "synchronization": {"didSave": False},
                "completion": {
                    "completionItem": {"documentationFormat": formats, "deprecatedSupport": True},
                    "contextSupport": True,
                    "editsNearCursor": True,  # clangd: a dot becomes an arrow with the name
                },
                "hover": {"contentFormat": formats},
                "signatureHelp": {
                    "signatureInformation": {"documentationFormat": formats, "activeParameterSupport": True}
                },
                "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
                "publishDiagnostics": {"relatedInformation": False, "versionSupport": True, "codeActionsInline": True},
                "rename": {"prepareSupport": False},
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
            },
        },
    }
