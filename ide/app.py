"""``natmod-studio [PROJECT]``: start the window. ``python -m ide.app`` is the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ide import quick_start
from ide.engine import Engine
from toolchains.errors import StudioError

if TYPE_CHECKING:
    from ide.composition import Ide

#: How long a worker may keep the window's thread from going on, in seconds. Python's 5 ms are waited for at every call
#: into Qt that lets go of the interpreter: while a build worked, a hundred marks in the text took 0.1 s.
_SWITCH_S = 0.0005


def project_folder(words: list[str], engine: Engine) -> Path:
    """The project that was named, else the last one, else our first example. Raises DiskError."""
    from ide import gallery, session_state

    for word in words:
        path = Path(word).expanduser().absolute()
        return path if path.is_dir() else path.parent
    recent = session_state.Recent(engine.paths.state).folders()
    return recent[0] if recent else gallery.open_example(engine.host, gallery.FIRST)


def open_window(args: list[str]) -> Ide | int:
    """Everything up to the event loop: the window's parts, or the exit code where another process has the project."""
    quick_start.begin()
    from ide.composition import Ide, application
    from ide.instance import Instance

    sys.setswitchinterval(_SWITCH_S)
    application(args[:1])
    engine = Engine()
    try:
        folder = project_folder([word for word in args[1:] if not word.startswith("-")], engine)
        instance = Instance(engine.host, engine.paths.state, folder)
        if not instance.claim():
            return 0 if instance.raise_other() else 1
        ide = Ide(folder, engine, instance)
    except StudioError as error:
        return tell_and_end(error)
    ide.crash.install()
    ide.show()
    return ide


def main(argv: list[str] | None = None) -> int:
    """Open the window of a project; its exit code. A second start for the same project raises the first."""
    ide = open_window(sys.argv if argv is None else argv)
    if isinstance(ide, int):
        return ide
    from PySide6.QtWidgets import QApplication

    try:
        return QApplication.exec()
    finally:
        ide.close()


def tell_and_end(error: StudioError) -> int:
    """Nothing can be shown but this."""
    from PySide6.QtWidgets import QMessageBox

    QMessageBox.critical(None, "Natmod Studio", str(error))
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
