"""A plugin for Natmod Studio: a panel that greets the project. README.md says how to try it."""

from PySide6.QtWidgets import QLabel

from ide.panel import PanelInfo
from toolchains.text import _


def create(ctx):
    """Make the panel's widget; it is called once. ``ctx`` (ide/context.py) is all that a panel gets."""
    label = QLabel()

    def greet():
        label.setText(f"Hello, {ctx.project.name}!")

    ctx.project.changed.connect(greet)
    greet()
    return label


PANEL = PanelInfo(api=1, id="hello", title=_("Hello"), area="right", create=create)
