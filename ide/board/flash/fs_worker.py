"""The child process that touches filesystem images: ``natmod --worker filesystem``.

The libraries are written in C and believe what an image says: fatfs-ng's own reader let 2 of 500 images with random
bytes end the process. So they run where nothing can be lost: one request comes on standard input, one answer goes to
standard output, and whoever asked survives whatever becomes of this process.

Both are a line of JSON and then the bytes that it counts. Requests: ``{"op": "list" | "read" | "rename" | "build",
"kind": "littlefs" | "fat", …}``. Answers: ``{"entries": [[path, folder, size], …], "broken": [path, …], "whole":
bool}``, or ``{"error": word, "words": text}``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from ide.board.flash.fs_tree import MOST_ENTRIES, Damaged, Entry, Exists, Full, Tree, walk


def main() -> int:
    """Answer one request."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    request: dict[str, Any] = json.loads(source.readline())
    body = source.read()
    try:
        answer, data = _OPERATIONS[request["op"]](request, body)
    except Damaged as error:
        answer, data = {"error": "damaged", "words": str(error)}, b""
    except Full:
        answer, data = {"error": "full"}, b""
    except Exists as error:
        answer, data = {"error": "exists", "words": str(error)}, b""
    _send(target, answer, data)
    return 0


def _send(target: BinaryIO, answer: dict[str, Any], data: bytes) -> None:
    target.write(json.dumps(answer).encode() + b"\n" + data)
    target.flush()


def _tree(request: dict[str, Any], image: bytearray, *, fresh: bool = False) -> Tree:
    if request["kind"] == "fat":
        from ide.board.flash.fs_fat import FatTree

        return FatTree(image, fresh=fresh)
    from ide.board.flash.fs_littlefs import LittleTree

    return LittleTree(image, fresh=fresh)


def _entries(tree: Tree) -> tuple[list[Entry], bool]:
    """What is in the tree, as far as it can be read; whether that is all."""
    found: list[Entry] = []
    try:
        for entry in walk(tree):
            found.append(entry)
            if len(found) > MOST_ENTRIES:
                raise Damaged("files without end")
    except Damaged:
        if not found:
            raise
        return found[:MOST_ENTRIES], False
    return found, not tree.strayed


def _list(request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    entries, whole = _entries(_tree(request, bytearray(body)))
    return {"entries": [[e.path, e.folder, e.size] for e in entries], "broken": [], "whole": whole}, b""


def _read(request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Every file that can be read, one after the other, in the order of the entries; ``broken`` are the others."""
    tree = _tree(request, bytearray(body))
    entries, whole = _entries(tree)
    rows: list[list[object]] = []
    broken: list[str] = []
    contents: list[bytes] = []
    left = len(body)
    for entry in entries:
        if entry.folder:
            rows.append([entry.path, True, 0])
            continue
        try:
            contents.append(tree.read(entry.path, left))
        except Damaged:
            broken.append(entry.path)
            continue
        left -= len(contents[-1])
        rows.append([entry.path, False, len(contents[-1])])
    return {"entries": rows, "broken": broken, "whole": whole and not tree.strayed}, b"".join(contents)


def _rename(request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    tree = _tree(request, bytearray(body))
    for old, new in request["pairs"]:
        tree.rename(old, new)
    tree.close()
    if tree.strayed:
        raise Damaged("larger than its partition")
    return {}, tree.image


def _build(request: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    tree = _tree(request, bytearray(b"\xff") * request["size"], fresh=True)
    at = 0
    for path, folder, size in request["entries"]:
        if folder:
            tree.make_folder(path)
        else:
            tree.write(path, body[at : at + size])
            at += size
    tree.close()
    return {}, tree.image


_OPERATIONS: dict[str, Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]] = {
    "list": _list,
    "read": _read,
    "rename": _rename,
    "build": _build,
}
