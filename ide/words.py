"""Widgets speak the person's language, and change it at once: a widget is bound to a sentence, not given a string."""

from __future__ import annotations

from weakref import WeakSet

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from toolchains import languages
from toolchains.host_languages import ENGLISH
from toolchains.text import Text

_ATTRIBUTE = "_bound_words"


class Words(QObject):
    """The language of the window. ``changed`` comes after every bound widget speaks the new one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.language = ENGLISH
        self._qt = QTranslator(self)
        self._bound: WeakSet[QObject] = WeakSet()

    def use(self, language: str) -> None:
        """Speak ``language`` (``en``, ``fr``, ``zh_TW``, ``zh_CN``) from now on, Qt's own dialogs too."""
        if language == self.language:
            return
        self.language = language
        languages.use(language)
        self._translate_qt(language)
        self._bound = WeakSet(target for target in self._bound if isValid(target))  # Qt may have deleted some
        for target in list(self._bound):
            for setter, text in getattr(target, _ATTRIBUTE).items():
                getattr(target, setter)(str(text))
        self.changed.emit()

    def _translate_qt(self, language: str) -> None:
        app = QApplication.instance()
        if app is None:
            return
        app.removeTranslator(self._qt)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if language != ENGLISH and self._qt.load(QLocale(language), "qtbase", "_", folder):
            app.installTranslator(self._qt)

    def bind(self, target: QObject, setter: str, text: Text) -> None:
        """Call ``target.<setter>(sentence)`` now, and again whenever the language changes."""
        bound: dict[str, Text] | None = getattr(target, _ATTRIBUTE, None)
        if bound is None:
            bound = {}
            setattr(target, _ATTRIBUTE, bound)
            self._bound.add(target)
        bound[setter] = text
        getattr(target, setter)(str(text))


#: The one language of this process's window.
words = Words()
bind = words.bind
