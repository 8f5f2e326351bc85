"""What the pages change, as edits of natmod.toml that are taken back one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.firmware_edits import ProjectEdits
from ide.panels.firmware.lines import Lines
from toolchains.edits import TextEdit
from toolchains.errors import ProjectError, disk_errors
from toolchains.firmware import manifest_edit as editing
from toolchains.firmware.manifest_edit import Frozen, ListKey
from toolchains.firmware.table import OWN, FirmwareTable
from toolchains.project import Project
from toolchains.project_edits import Reader, Value, set_key
from toolchains.text import Text, _


class OutsideProject(ProjectError):
    """A file or folder that was picked lies elsewhere."""

    code = "firmware.outside"

    def __init__(self, path: Path) -> None:
        super().__init__(
            _("{name} is not in the folder of this project.", name=path.name),
            next_step=_("Copy it into the project, then add it."),
            path=str(path),
        )


class Doing:
    """Each method is one change with a name of its own."""

    def __init__(self, ctx: IdeContext, edits: ProjectEdits) -> None:
        self._ctx, self._edits = ctx, edits
        #: What the person should know of the last change.
        self.notes: list[Text] = []

    # --- target and settings --------------------------------------------------------------------------------------

    def begin(self, target: FirmwareTable) -> None:
        """A first table."""
        self._edits.make(
            _("Make a firmware of this project"),
            lambda project, read: editing.change(project, editing.begin(project, target), read),
        )

    def paste(self, line: str) -> None:
        """A line of make or idf.py as the table."""

        def compute(project: Project, read: Reader) -> TextEdit | None:
            from toolchains.firmware import make_line

            found = make_line.read(line, project.root)
            self.notes += found.notes
            return editing.change(project, found.values, read)

        self._edits.make(_("Take the line over"), compute)

    def change(self, title: Text, values: dict[str, str | None]) -> None:
        """Give keys values."""
        self._edits.make(title, lambda project, read: editing.change(project, dict(values), read))

    def pin(self, version: str) -> None:
        """Build this MicroPython; none: the usual one."""
        self._edits.make(
            _("Choose the MicroPython version"),
            lambda project, read: set_key(project, "pin", "micropython", version or None, read),
        )

    def lines(self, key: str, parent: QWidget) -> Lines:
        """The list of defines, or of lines of sdkconfig."""
        if key == "defines":
            return self._lines("defines", _("Defines for the C compiler"), _("NAME or NAME=VALUE"), parent)
        return self._lines("sdkconfig", _("Lines of sdkconfig"), _("CONFIG_NAME=y"), parent)

    def _lines(self, key: ListKey, name: Text, example: Text, parent: QWidget) -> Lines:
        return Lines(name, example, lambda text: self._add(key, text), lambda text: self._take(key, text), parent)

    def enlarge(self, layout: str) -> None:
        """A layout with more room for the app, as a file of the project."""

        def compute(project: Project, read: Reader) -> TextEdit | None:
            from toolchains.firmware.idf.partitions import layout as layout_named

            name = f"partitions-{layout}.csv"
            path = project.root / name
            with disk_errors(path):
                path.write_text(layout_named(layout).text, "utf-8")
            return editing.change(project, {"partitions": name}, read)

        self._edits.make(_("Take the layout {name}", name=layout), compute)

    # --- what is built in -----------------------------------------------------------------------------------------

    def add_module(self, path: Path) -> None:
        """A folder with a C module."""
        self._add("modules", path)

    def take_module(self, name: str) -> None:
        """Build it in no longer."""
        self._take("modules", name)

    def own_module(self, on: bool) -> None:
        """The project's native module, built in or not."""
        (self._add if on else self._take)("modules", OWN)

    def freeze(self, path: Path) -> None:
        """A Python file or a package."""
        self._add("freeze", path)

    def use_manifest(self, path: Path) -> None:
        """A manifest of the person's own: its entries where the lists can say them, else the file besides."""

        def compute(project: Project, read: Reader) -> TextEdit | None:
            from toolchains.firmware import manifest_import

            _inside(project, path)
            found = manifest_import.read(path, project.root)
            if found.whole is not None:
                self.notes.append(found.whole)
            return editing.change(project, _more(project, found.values), read)

        self._edits.make(_("Use the manifest {name}", name=path.name), compute)

    def require(self, name: str) -> None:
        """A package of micropython-lib."""
        self._add("require", name)

    def take(self, entry: Frozen) -> None:
        """Freeze it no longer."""
        self._edits.make(
            _("Remove {name}", name=entry.name), lambda project, read: editing.without(project, entry, read)
        )

    def native(self, entry: Frozen, on: bool) -> None:
        """As machine code, or as bytecode."""
        title = _("{name} as machine code", name=entry.name) if on else _("{name} as bytecode", name=entry.name)
        self._edits.make(title, lambda project, read: editing.with_native(project, entry, native=on, read=read))

    def _add(self, key: ListKey, value: str | Path) -> None:
        name = value.name if isinstance(value, Path) else value

        def compute(project: Project, read: Reader) -> TextEdit | None:
            text = _inside(project, value) if isinstance(value, Path) else value
            return editing.add(project, key, text, read)

        self._edits.make(_("Add {name}", name=name), compute)

    def _take(self, key: ListKey, value: str) -> None:
        self._edits.make(_("Remove {name}", name=value), lambda project, read: editing.take(project, key, value, read))


def _inside(project: Project, path: Path) -> str:
    """As natmod.toml has it. Raises :class:`OutsideProject`."""
    if not path.is_relative_to(project.root) or path == project.root:
        raise OutsideProject(path)
    return path.relative_to(project.root).as_posix()


def _more(project: Project, values: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Lists with what the table has of them before."""
    found: dict[str, Value | None] = {}
    for key, value in values.items():
        have = getattr(project.firmware, key, ())
        if isinstance(value, list) and isinstance(have, tuple):
            value = list(dict.fromkeys((*have, *value)))
        found[key] = value
    return found
