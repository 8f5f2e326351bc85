"""A firmware build that prints 20 000 lines, in the whole window: gaps of the window's thread. Prints only.

python -m tests.bench.bench_firmware_panel      (in a real X server, Xvfb, where that is installed)

The unix port is built by the real make; its user module prints three lines for each of its messages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests import homes
from tests.bench.bench_build_panel import Heart, _wait

_INSIDE = "--inside"
_MANY = 6_700
#: A whole MicroPython on a machine that does other things.
_BUILD_S = 900.0
_MODULE = """\
#include "py/runtime.h"
{messages}
static const mp_rom_map_elem_t table[] = {{ {{ MP_ROM_QSTR(MP_QSTR_a), MP_ROM_INT(1) }} }};
static MP_DEFINE_CONST_DICT(globals, table);
const mp_obj_module_t loud_module = {{ .base = {{ &mp_type_module }}, .globals = (mp_obj_dict_t *)&globals }};
MP_REGISTER_MODULE(MP_QSTR_loud, loud_module);
"""


def _project(home: Path) -> Path:
    place = home / "firmware"
    module = place / "loud"
    module.mkdir(parents=True)
    (module / "micropython.mk").write_text("SRC_USERMOD_C += $(USERMOD_DIR)/loud.c\n", "utf-8")
    (place / "natmod.toml").write_text('schema = 1\n[firmware]\nport = "unix"\nmodules = ["loud"]\n', "utf-8")
    return place


def _speak(place: Path, count: int) -> None:
    messages = "\n".join(f'#pragma message "number {number}"' for number in range(count))
    (place / "loud" / "loud.c").write_text(_MODULE.format(messages=messages), "utf-8")


def inside(home: Path) -> None:
    """The measurement, in a process of its own."""
    os.environ["NATMOD_HOME"] = str(home)
    homes.borrow(home)
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.toml").write_text("[board]\nconnect = false\n", "utf-8")
    from ide import app
    from ide.panels.firmware.widget import FirmwarePanel

    place = _project(home)
    _speak(place, 1)
    ide = app.open_window(["natmod-studio", str(place)])
    _wait(lambda: ide.project.project is not None)
    ide.docks.show_panel("firmware")
    panel = ide.docks.docks["firmware"].findChild(FirmwarePanel)
    for name, count in (("from nothing", 1), ("20 000 lines", _MANY), ("once more", _MANY + 1)):
        _speak(place, count)
        _wait(lambda: not panel.looking and not ide.jobs.running)
        heart, start = Heart(), time.perf_counter()
        panel.build()
        _wait(lambda: not panel.work.busy and not panel.output.flush() and not panel.looking, _BUILD_S)
        took = time.perf_counter() - start
        heart.timer.stop()
        said = panel.output.toPlainText().splitlines()[-1]
        print(f"{name:<14} in {took:.1f} s ({panel.output.blockCount()} lines shown; {said}): {heart.words()}")
    ide.window.close()


@pytest.mark.bench
def test_firmware_panel(sdk_tree: object) -> None:
    """Start the measurement where windows are really painted."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "tests.bench.bench_firmware_panel", _INSIDE, folder]
        xvfb = shutil.which("xvfb-run")
        if xvfb is not None:
            argv = [xvfb, "-a", "-s", "-screen 0 1280x800x24", *argv]
        platform = "offscreen" if xvfb is None else "xcb"
        environ = {**os.environ, "QT_QPA_PLATFORM": platform, "NATMOD_SIM_LINGER": "0"}
        done = subprocess.run(argv, cwd=homes.CHECKOUT, env=environ, capture_output=True, text=True, check=False)
        print(f"\n{platform}\n{done.stdout}{done.stderr if done.returncode else ''}")
        assert done.returncode == 0


if __name__ == "__main__":
    if _INSIDE in sys.argv:
        inside(Path(sys.argv[-1]))
    else:
        raise SystemExit(pytest.main([__file__, "-s", "-q", "-p", "no:cacheprovider"]))
