"""``natmod-studio [PROJECT]``: start the window. ``python -m ide.app`` is the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ide import quick_start
from ide.engine import Engine
from toolchains.errors import StudioError
from toolchains.text import _

if TYPE_CHECKING:
    from ide.composition import Ide

#: How long a worker may keep the window's thread from going on, in seconds. Python's 5 ms are waited for at every call
#: into Qt that lets go of the interpreter: while a build worked, a hundred marks in the text took 0.1 s.
_SWITCH_S = 0.0005


def named(words: list[str]) -> tuple[Path | None, Path | None]:
    """The project and the file that the words of the command line name; of a file, the project around it."""
    for word in words:
        path = Path(word).expanduser().absolute()
        if not path.is_file():
            return path, None
        around = (parent for parent in path.parents if (parent / "natmod.toml").is_file())
        return next(around, path.parent), path
    return None, None


class OtherIsMute(StudioError):
    """Another process has the project, and does not show its window when it is asked to."""

    code = "window.mute"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            _("Natmod Studio has {folder} open already, and that window does not answer.", folder=folder),
            next_step=_("Wait a moment and start it again; if that does not help, end that program first."),
        )


def last_project(engine: Engine) -> Path:
    """The project that was open last, else the room's, else our first example. Raises DiskError."""
    from ide import gallery, session_state
    from toolchains import lab

    recent = session_state.Recent(engine.paths.state).folders()
    if recent:
        return recent[0]
    wanted = lab.if_good(engine.paths).project
    return gallery.open_example(engine.host, wanted if gallery.has(wanted) else gallery.FIRST)


def open_window(args: list[str]) -> Ide | int:
    """Everything up to the event loop: the window's parts, or the exit code where another process has the project."""
    quick_start.begin()
    from ide.composition import Ide, application
    from ide.instance import Instance

    sys.setswitchinterval(_SWITCH_S)
    application(args[:1])
    engine = Engine()
    try:
        folder, file = named([word for word in args[1:] if not word.startswith("-")])
        folder = folder or last_project(engine)
        instance = Instance(engine.host, engine.paths.state, folder)
        if not instance.claim():
            return 0 if instance.raise_other() else tell_and_end(OtherIsMute(folder))
        ide = Ide(folder, engine, instance)
    except StudioError as error:
        return tell_and_end(error)
    ide.crash.install()
    ide.show(file)
    return ide


def main(argv: list[str] | None = None) -> int:
    """Open the window of a project; its exit code. A second start for the same project raises the first."""
    ide = open_window(sys.argv if argv is None else argv)
    if isinstance(ide, int):
        return ide
    from PySide6.QtWidgets import QApplication

    from ide.signal_end import SignalEnd

    signals = SignalEnd(lambda: (ide.window.close(), QApplication.quit()))
    try:
        return QApplication.exec()
    finally:
        ide.close()
        signals.remove()


def tell_and_end(error: StudioError) -> int:
    """Nothing can be shown but this."""
    from PySide6.QtWidgets import QMessageBox

    QMessageBox.critical(None, "Natmod Studio", str(error))
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
