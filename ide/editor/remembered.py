"""What a session remembers of the editor, and how it comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from ide.editor.area import EditorArea
    from ide.editor.files import Loaded
    from ide.editor.pane import Pane


def state(area: EditorArea) -> dict[str, Any]:
    """Files with caret and scroll, in panes; which one is in front."""
    panes = []
    for pane in area.panes.all:
        views = [view for view in pane.editors() if view.document.path]
        front = pane.currentWidget()
        panes.append(
            {
                "files": [{"path": str(view.document.path), **view.state()} for view in views],
                "front": next((n for n, view in enumerate(views) if view is front), 0),
            }
        )
    return {"panes": panes, "active": area.panes.all.index(area.panes.active), "sizes": area.panes.sizes()}  # fmt: skip


def _panes(remembered: object) -> list[list[dict[str, Any]]]:
    """The files of each pane; nonsense is passed over."""
    panes = remembered.get("panes") if isinstance(remembered, dict) else None
    found = []
    for pane in panes if isinstance(panes, list) else []:
        files = pane.get("files") if isinstance(pane, dict) else None
        found.append([
            file
            for file in (files if isinstance(files, list) else [])
            if isinstance(file, dict) and isinstance(file.get("path"), str)
        ])  # fmt: skip
    return found[:2]


def _number(record: object, key: str) -> int:
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, int) and value >= 0 else 0


def _front(remembered: object, pane: int) -> dict[str, Any] | None:
    panes = _panes(remembered)
    if pane >= len(panes) or not panes[pane]:
        return None
    assert isinstance(remembered, dict)
    at = _number(remembered["panes"][pane], "front")
    return panes[pane][min(at, len(panes[pane]) - 1)]


def front(remembered: object) -> Path | None:
    """The file that was in front, if it is still there."""
    file = _front(remembered, _number(remembered, "active")) or _front(remembered, 0)
    path = Path(file["path"]) if file else None
    return path if path is not None and path.is_file() else None


def restore(area: EditorArea, remembered: object) -> None:
    """Open the files of a session that are still there; the one that is in front already stays there."""
    wanted = _panes(remembered)
    paths = {Path(file["path"]): None for files in wanted for file in files}
    missing = [path for path in paths if area.document_of(path) is None]
    keep = area.current_path()
    _place_front(area, wanted, keep)

    def done(loaded: list[Loaded]) -> None:
        _open_one(area, wanted, loaded, keep, remembered)

    area.files.load_some(missing, done)


def _place_front(area: EditorArea, wanted: list[list[dict[str, Any]]], keep: Path | None) -> None:
    view = area.current()
    for files in wanted:
        for file in files:
            if view is not None and Path(file["path"]) == keep:
                view.restore(file)
                return


def _open_one(
    area: EditorArea, wanted: list[list[dict[str, Any]]], loaded: list[Loaded], keep: Path | None, remembered: object
) -> None:
    """Make one tab now and the others when the window has time: each takes some milliseconds."""
    if area.closed:
        return
    if loaded:
        path, file = loaded[0]
        if area.document_of(path) is None:
            place = next((one for files in wanted for one in files if Path(one["path"]) == path), {})
            area.show_file(path, file).restore(place)
            if keep is not None:
                _bring(area, keep)
        QTimer.singleShot(0, area, lambda: _open_one(area, wanted, loaded[1:], keep, remembered))
        return
    _arrange(area, wanted, remembered)
    if keep is not None:
        _bring(area, keep)
    area.restore_backups()


def _bring(area: EditorArea, path: Path) -> None:
    document = area.document_of(path)
    view = area.panes.view_of(document) if document is not None else None
    if view is not None:
        area.panes.bring(view)


def _arrange(area: EditorArea, wanted: list[list[dict[str, Any]]], remembered: object) -> None:
    """Put the tabs into their order, and the second pane beside."""
    panes = area.panes
    if wanted:
        _order(panes.all[0], [Path(file["path"]) for file in wanted[0]])
    if len(wanted) < 2 or not wanted[1] or len(panes.all) > 1:
        return
    found = [(area.document_of(Path(file["path"])), file) for file in wanted[1]]
    front_file = _front(remembered, 1)
    panes.split_with(
        [(document, file) for document, file in found if document is not None],
        Path(front_file["path"]) if front_file else None,
    )
    for view in panes.all[0].editors():
        if str(view.document.path) not in [file["path"] for file in wanted[0]] and len(view.document.views) > 1:
            panes.drop(view)
    sizes = remembered.get("sizes") if isinstance(remembered, dict) else None
    if isinstance(sizes, list) and all(isinstance(size, int) for size in sizes):
        panes.setSizes(sizes)


def _order(pane: Pane, paths: list[Path]) -> None:
    at = 0
    for path in paths:
        view = next((view for view in pane.editors() if view.document.path == path), None)
        if view is not None:
            pane.tabBar().moveTab(pane.indexOf(view), at)
            at += 1
