"""A project: ``natmod.toml`` and the files it names, checked before anything is done with them.

The keys are those of design.md section 11. Loading a project runs nothing and writes nothing; a project file can name
neither a program, nor an environment variable, nor a file outside its folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from toolchains.chips import arches
from toolchains.firmware import table as firmware_table
from toolchains.firmware.table import FirmwareTable
from toolchains.module_names import name_from, name_problem
from toolchains.project_file import Document, MissingFile, ProjectFileError, Section
from toolchains.project_flags import define_problem, flag_problem, variable_problem
from toolchains.project_places import (
    FILE_NAME,
    NoProject,
    c_files,
    find,
    lone_module,
    makefile_of,
    no_description,
    python_files,
    script_of,
    shadow_of,
)
from toolchains.text import Text, _

__all__ = ["FILE_NAME", "MissingFile", "NoProject", "Project", "ProjectFileError", "load"]

SCHEMA = 1

Float = Literal["board", "single", "double", "none"]
Runtime = Literal["auto", "on", "off"]
Mode = Literal["try", "install"]

#: The tables of natmod.toml and their keys; an empty tuple means that the keys are the person's own.
TABLES: Mapping[str, tuple[str, ...]] = {
    "module": (
        "name",
        "sources",
        "python",
        "include",
        "defines",
        "cflags",
        "libs",
        "externs",
        "float",
        "runtime",
    ),
    "run": ("script", "files", "mode", "board"),
    "pin": ("micropython", "compiler"),
    "make": (),
    "limits": ("text", "rodata", "bss", "file"),
    "firmware": firmware_table.KEYS,
}

_VERSION = re.compile(r"\d+\.\d+(\.\d+)?(-preview)?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
#: A kind or version of compiler, or a toolchain's id: ``tool@version``.
_PIN = re.compile(rf"{_WORD.pattern}(@[A-Za-z0-9._+-]+)?")


@dataclass(frozen=True)
class Project:
    """A project whose files all exist. Paths are POSIX, relative to ``root`` and inside it.

    ``sources`` are C and assembler files, ``python`` the .py files merged into the module, ``defines`` are ``NAME`` or
    ``NAME=VALUE``, ``externs`` is the one linker script with ROM addresses, ``pin_compilers`` maps an architecture to
    a compiler kind or version, ``limits`` maps ``text``, ``rodata``, ``bss`` or ``file`` to the most bytes allowed.
    ``files`` are files and folders that the script needs on the board, beside what it imports.
    With ``makefile``, the module is described there: the fields of ``[module]`` are empty, ``name`` is a guess, and
    ``make`` holds variables that win over the file's. Without C and Makefile, ``native`` is False: Python only.
    """

    root: Path
    name: str
    sources: tuple[str, ...]
    python: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    cflags: tuple[str, ...] = ()
    libs: tuple[str, ...] = ()
    externs: str | None = None
    float: Float = "board"
    runtime: Runtime = "auto"
    script: str | None = None
    files: tuple[str, ...] = ()
    mode: Mode = "try"
    board: str | None = None
    pin_micropython: str | None = None
    pin_compilers: Mapping[str, str] = field(default_factory=dict)
    make: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    firmware: FirmwareTable | None = None
    makefile: str | None = None

    @property
    def native(self) -> bool:
        """Whether there is machine code to build."""
        return bool(self.sources or self.makefile)


def load(path: Path) -> Project:
    """The project in the folder ``path``, or described by the file ``path``.

    A folder without natmod.toml is a project too when it has a Makefile for native modules, or exactly one C file and
    that file is a native module (it is then called like that file), or Python files only. Errors: :class:`NoProject`,
    :class:`ProjectFileError`, :class:`MissingFile`.
    """
    folder, described = find(path.absolute())
    if described is None:
        return _undescribed(folder)
    doc = Document.read(described)
    _check_keys(doc)
    variables = _make(doc.table(("make",)))
    makefile = _makefile(doc, folder)
    module, run, pin = (doc.table((name,)) for name in ("module", "run", "pin"))
    project = Project(
        folder,
        name=_name(module, folder),
        sources=() if makefile else _sources(doc, module, folder),
        python=_with_suffix(module, "python", (".py",)),
        include=module.paths("include", Path.is_dir, _("folder")) or (),
        defines=_defines(module),
        cflags=_checked(module, "cflags", flag_problem),
        libs=_with_suffix(module, "libs", (".a",)),
        externs=module.path("externs", Path.is_file, _("file")),
        float=cast(Float, module.choice("float", ("board", "single", "double", "none"), "board")),
        runtime=cast(Runtime, module.choice("runtime", ("auto", "on", "off"), "auto")),
        script=_script(run, folder),
        files=run.paths("files", Path.exists, _("file")) or (),
        mode=cast(Mode, run.choice("mode", ("try", "install"), "try")),
        board=run.text("board"),
        pin_micropython=_micropython(pin),
        pin_compilers=_compilers(doc),
        make=variables,
        limits=_limits(doc.table(("limits",))),
        firmware=firmware_table.read(doc.table(("firmware",))),
        makefile=makefile,
    )
    if project.sources:
        _refuse_shadow(module, project)
    return project


def _undescribed(folder: Path) -> Project:
    """A folder without natmod.toml: a Makefile for native modules, a lone C file, or Python files."""
    script, makefile = script_of(folder), makefile_of(folder)
    if makefile is not None:
        return Project(folder, name_from(folder.name), (), script=script, makefile=makefile)
    found = c_files(folder)
    if not found and python_files(folder):
        return Project(folder, name_from(folder.name), (), script=script)
    if (lone := lone_module(folder, found)) is not None:
        return Project(folder, name_from(Path(lone).stem), (lone,), script=script)
    raise no_description(folder, found)


def _makefile(doc: Document, folder: Path) -> str | None:
    """The Makefile, if it is what describes the module."""
    makefile, wanted = makefile_of(folder), "make" in doc.data
    if wanted and makefile is None:
        step = _("Put the Makefile of a native module beside natmod.toml, or take the table [make] out.")
        doc.fail(("make",), _("there is no Makefile that these variables could be for."), step)
    if wanted and "module" in doc.data:
        step = _("Keep [make] for a project with a Makefile, or [module] for one without.")
        doc.fail(("module",), _("[module] and [make] cannot both describe the module."), step)
    return makefile if "module" not in doc.data else None


def _check_keys(doc: Document) -> None:
    schema = doc.data.get("schema")
    step = _("Write this as the first line of the file: schema = 1")
    if schema is None:
        doc.fail((), _("the line that says which schema it follows is missing."), step)
    if type(schema) is int and schema > SCHEMA:
        problem = _("this project was made by a newer Natmod Studio (schema {schema}).", schema=schema)
        doc.fail(("schema",), problem, _("Update Natmod Studio, then open the project again."))
    if type(schema) is not int or schema != SCHEMA:
        doc.fail(("schema",), _("the schema must be the number 1."), step)
    elsewhere = {key: table for table, keys in reversed(tuple(TABLES.items())) for key in keys}
    doc.known((), doc.data, ("schema", *TABLES), elsewhere)
    for table, keys in TABLES.items():
        values = doc.table((table,)).values
        if keys:
            doc.known((table,), values, keys, {})


def _name(module: Section, folder: Path) -> str:
    name = module.text("name")
    if name is None:
        return name_from(folder.name)
    problem = name_problem(name)
    if problem is not None:
        module.fail("name", problem)
    return name


def _sources(doc: Document, module: Section, folder: Path) -> tuple[str, ...]:
    if "sources" in module.values:
        found = _with_suffix(module, "sources", (".c", ".S", ".s"))
    else:
        found = module.found("sources", c_files(folder), Path.is_file, _("file"))
    if not found and "module" not in doc.data and ("firmware" in doc.data or python_files(folder)):
        return ()
    if not found:
        step = _('Write one, or list it: sources = ["{name}.c"]', name=name_from(folder.name))
        module.fail("sources", _("the project has no C file."), step)
    return found


def _with_suffix(module: Section, name: str, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """The files under ``name``, each ending in one of ``suffixes``."""
    for index, path in enumerate(module.texts(name) or ()):
        if not path.endswith(suffixes):
            wanted = ", ".join(suffixes)
            step = _('Python files belong into the list "python".') if path.endswith(".py") else None
            problem = _('"{key}" holds only files that end in {wanted}.', key=name, wanted=wanted)
            module.fail(name, problem, step, index)
    return module.paths(name, Path.is_file, _("file")) or ()


def _checked(section: Section, name: str, problem_of: Callable[[str], Text | None]) -> tuple[str, ...]:
    texts = section.texts(name) or ()
    for index, text in enumerate(texts):
        problem = problem_of(text)
        if problem is not None:
            section.fail(name, problem, None, index)
    return texts


def _defines(module: Section) -> tuple[str, ...]:
    """``["DEBUG", "SIZE=16"]`` or ``{ DEBUG = true, SIZE = 16 }`` as ``NAME`` and ``NAME=VALUE``."""
    value = module.values.get("defines")
    if not isinstance(value, Mapping):
        return _checked(module, "defines", define_problem)
    found: list[str] = []
    for name, content in value.items():
        if content is False:
            continue
        if not isinstance(content, str | int):
            module.fail("defines", _('"{name}" must be a number, a text, or true.', name=name))
        text = name if content is True else f"{name}={content}"
        problem = define_problem(text)
        if problem is not None:
            module.fail("defines", problem)
        found.append(text)
    return tuple(found)


def _script(run: Section, folder: Path) -> str | None:
    script = run.path("script", Path.is_file, _("file"))
    if script is None:
        return script_of(folder)
    if not script.endswith(".py"):
        run.fail("script", _("the script must be a Python file."))
    return script


def _micropython(pin: Section) -> str | None:
    version = pin.text("micropython")
    if version is not None and not _VERSION.fullmatch(version):
        pin.fail("micropython", _("this is no MicroPython version."), _('Write it like this: micropython = "1.26.1"'))
    return version


def _limits(section: Section) -> dict[str, int]:
    return {key: n for key in TABLES["limits"] if (n := section.count(key)) is not None}


def _compilers(doc: Document) -> dict[str, str]:
    section = doc.table(("pin", "compiler"))
    doc.known(section.key, section.values, arches(), {})
    found: dict[str, str] = {}
    for arch in section.values:
        pin = section.text(arch) or ""
        if not _PIN.fullmatch(pin):
            step = _('Name a kind or a version, for example "zig", "gcc" or "gcc-12"; never a path or a command.')
            section.fail(arch, _("this is not the name of a compiler."), step)
        found[arch] = pin
    return found


def _make(section: Section) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in section.values.items():
        problem = variable_problem(name)
        if problem is not None:
            section.fail(name, problem)
        plain_number = isinstance(value, int) and not isinstance(value, bool)
        found[name] = str(value) if plain_number else section.text(name) or ""
    return found


def _refuse_shadow(module: Section, project: Project) -> None:
    shadow = shadow_of(project.root, project.name)
    if shadow is not None:
        module.fail(
            "name",
            _(
                '"import {name}" would find {shadow} instead of the module built from C.',
                name=project.name,
                shadow=shadow,
            ),
            _("Rename {shadow}, or give the module another name.", shadow=shadow),
        )
