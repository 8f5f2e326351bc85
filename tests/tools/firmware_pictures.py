"""Pictures of a firmware project: its target, the manifest editor, the size tree with the fit bars."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ide.panels.firmware.widget import FirmwarePanel
from tests.fakes import firmware_files
from tests.tools.patience import wait_until
from toolchains.firmware.built import FOLDER

if TYPE_CHECKING:
    from tests.tools.photographer import Photographer

NAMES = tuple(
    f"firmware-{page}{theme}" for page in ("target", "manifest", "sizes") for theme in ("", "-dark", "-contrast")
)
_WIDE, _HIGH = 1000, 620
#: Bytes of the app's partition: the firmware just fits.
_PARTITION = 0xB0000
_TOML = "natmod.toml"
_FILES = {
    "greet/__init__.py": "def hello():\n    return 'hello'\n",
    "usermods/twice/micropython.mk": "SRC_USERMOD_C += $(USERMOD_DIR)/twice.c\n",
    "usermods/twice/twice.c": "MP_REGISTER_MODULE(MP_QSTR_twice, twice_module);\n",
}
_TABLE = """
[firmware]
port = "esp32"
board = "ESP32_GENERIC_S3"
variant = "SPIRAM_OCT"
modules = [".", "usermods/twice"]
freeze = ["greet", "main.py"]
native = ["greet"]
require = ["umqtt.simple"]
sdkconfig = ["CONFIG_FREERTOS_HZ=1000"]
name = "scale"
version = "1.2"
"""


def firmware_pictures(photographer: Photographer) -> None:
    """A firmware of the example, in a window of its own; in the end the project is as it was."""
    ide = photographer.ide
    file = ide.folder / _TOML
    before = file.read_text("utf-8")
    for name, text in _FILES.items():
        (ide.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (ide.folder / name).write_text(text, "utf-8")
    results = ide.folder / FOLDER / "esp32-ESP32_GENERIC_S3-SPIRAM_OCT"
    firmware_files.result(results, partition=_PARTITION)
    firmware_files.result(results / "last", firmware_files.BEFORE)
    ide.docks.show_panel("firmware")
    dock = ide.docks.docks["firmware"]
    wait_until(lambda: dock.made)
    panel = dock.findChild(FirmwarePanel)
    assert isinstance(panel, FirmwarePanel)
    file.write_text(before + _TABLE, "utf-8")
    ide.project.saved(file)
    wait_until(lambda: panel.sizes.weighed is not None and not panel.looking)
    dock.setFloating(True)
    dock.resize(_WIDE, _HIGH)
    for theme in ("", "-dark", "-contrast"):
        ide.commands.run(f"view.theme{theme.replace('-', '_') or '_light'}")
        for page, name in ((panel.target, "target"), (panel.contents, "manifest"), (panel.sizes, "sizes")):
            panel.pages.setCurrentWidget(page)
            photographer.shoot(f"firmware-{name}{theme}", dock)
    ide.commands.run("view.theme_light")
    dock.setFloating(False)
    dock.hide()
    file.write_text(before, "utf-8")
    ide.project.saved(file)
    for name in {Path(name).parts[0] for name in _FILES}:
        shutil.rmtree(ide.folder / name)
