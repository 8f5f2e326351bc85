"""One source, both ways: a native module's C files as a user C module, by files that are written for the build.

The C files stay as they are. Each is included by a file of ours that puts ``natmod_in_firmware.h`` in the place of
MicroPython's ``py/dynruntime.h``; one more registers the module and calls its ``mpy_init`` when it is imported.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from toolchains.c_text import blanked
from toolchains.errors import FirmwareError, disk_errors
from toolchains.firmware.table import MODULE_FILES
from toolchains.firmware.user_modules import UserModule
from toolchains.paths import resources
from toolchains.project import Project
from toolchains.text import Text, _

_HEADER, _FUNCTIONS, _MODULE = "natmod_in_firmware.h", "natmod_functions.c", "natmod_module.c.in"

#: A variable of a file that holds an object or a pointer, as most people write it: from the first column on.
_HOLDS = re.compile(
    r"^(?:static\s+)?(?:volatile\s+)?(?:mp_obj_t\s+|(?!const\b|extern\b|typedef\b|return\b)\w+(?:\s+\w+)?\s*\*\s*)"
    r"(?P<name>\w+)\s*(?:\[[^\]\n]*\]\s*)*(?:=[^;]*)?;",
    re.MULTILINE,
)


class NotBothWays(FirmwareError):
    """This native module cannot become part of a firmware as it is."""

    code = "firmware.both-ways"

    def __init__(self, name: str, step: Text) -> None:
        super().__init__(
            _("The native module {name} cannot be built into a firmware as it is.", name=name),
            next_step=step,
            name=name,
        )


def write(project: Project, place: str, folder: Path) -> UserModule:
    """Write the user C module of a project's native module into ``folder``; files that stay the same are not touched.

    ``place``: the project's folder as the build sees it. Raises :class:`NotBothWays`, ``OSError``.
    """
    if not project.sources:
        raise NotBothWays(project.name, _("Describe it under [module] in natmod.toml, with its sources."))
    name, files = project.name, dict[str, str]()
    for number, source in enumerate(one for one in project.sources if one.endswith(".c")):
        files[f"{number}_{Path(source).stem}.c"] = (
            f'#define NATMOD_NAME {name}\n#include "{_HEADER}"\n#include "{place}/{source}"\n'
        )
    template = Template((resources() / "firmware" / _MODULE).read_text("utf-8"))
    registered = f"_natmod_{name}" if project.python else name
    files[f"natmod_{name}.c"] = template.substitute(name=name, registered=registered)
    for copied in (_HEADER, _FUNCTIONS):
        files[copied] = (resources() / "firmware" / copied).read_text("utf-8")
    files[MODULE_FILES[0]] = _make(project, place, sorted(one for one in files if one.endswith(".c")))
    _write_all(folder, files)
    return UserModule(folder, (name,), (f"natmod_module_{name}",), make=True, cmake=False)


def unseen_variables(project: Project) -> tuple[str, ...]:
    """Variables of the C files that hold objects or pointers: in a native module the garbage collector looks at them
    (from MicroPython 1.24 on), in a firmware it does not."""
    found = dict[str, None]()
    for source in (one for one in project.sources if one.endswith(".c")):
        with disk_errors(project.root / source):
            code = blanked((project.root / source).read_text("utf-8", "replace"))
        found.update(dict.fromkeys(match["name"] for match in _HOLDS.finditer(code)))
    return tuple(found)


def python_part(project: Project) -> str | None:
    """The Python files of a native module as one module to freeze, with what C defines; None where it has none.

    Merged into one .mpy they share one namespace, C first: so do they here.
    """
    if not project.python:
        return None
    texts = [f"globals().update(__import__('_natmod_{project.name}').__natmod__)\n"]
    for path in project.python:
        with disk_errors(project.root / path):
            texts.append((project.root / path).read_text("utf-8"))
    return "\n".join(texts)


def _make(project: Project, place: str, files: list[str]) -> str:
    lines = [f"SRC_USERMOD_C += $(USERMOD_DIR)/{name}" for name in files]
    lines += [f"CFLAGS_USERMOD += -I{place}/{folder}" for folder in (*project.include, ".")]
    lines.append("CFLAGS_USERMOD += -I$(USERMOD_DIR)")
    lines += [f"CFLAGS_USERMOD += -D{define}" for define in project.defines]
    return "\n".join(lines) + "\n"


def _write_all(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stray in {path.name for path in folder.iterdir()} - files.keys():
        path = folder / stray
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
