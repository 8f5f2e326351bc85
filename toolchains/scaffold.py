"""New projects, from the templates in ``resources/templates``; ``resources/templates.json`` lists their files.

In paths and texts ``${name}`` stands for the module's name, ``${class}`` for a class's name made from it. The stored
files end in ``.in``, so that no tool takes them for code.
"""

from __future__ import annotations

import json
import keyword
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from toolchains.errors import ProjectError, UsageError, disk_errors
from toolchains.module_names import name_from, name_problem
from toolchains.paths import resources
from toolchains.text import _


class ScaffoldError(ProjectError):
    """A new project cannot be made here. Field: ``path``."""

    code = "project.new"


@dataclass(frozen=True)
class ProjectTemplate:
    """One kind of new project: its name, one line that says what it gives, and the files, by path in the project."""

    name: str
    title: str
    files: Mapping[str, str]


@cache
def templates() -> dict[str, ProjectTemplate]:
    """All templates by name, in the order in which to offer them."""
    rows = json.loads((resources() / "templates.json").read_text("utf-8"))["templates"]
    return {row["name"]: ProjectTemplate(row["name"], row["title"], row["files"]) for row in rows}


def new_project(folder: Path, name: str, template: str = "module") -> Path:
    """Make the project ``folder/name`` and return its folder; it builds and runs as it is.

    Nothing that exists is touched: a file or a folder with something in it under that name is an error. The new folder
    appears only when it is complete.
    """
    chosen = check(folder, name, template)
    target = folder / name
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        with disk_errors(target):
            _write(chosen, name, part)
            if target.is_dir():
                target.rmdir()  # empty: checked above, and rmdir itself refuses anything else
            part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def check(folder: Path, name: str, template: str = "module") -> ProjectTemplate:
    """The template, if the project ``folder/name`` can be made from it; else raises what :func:`new_project` would."""
    chosen = templates().get(template)
    if chosen is None:
        raise UsageError(
            _("There is no template called {template}.", template=template),
            next_step=_("Use one of: {names}.", names=", ".join(templates())),
        )
    _check_name(name, chosen)
    _check_target(folder / name)
    return chosen


def _check_name(name: str, template: ProjectTemplate) -> None:
    problem = name_problem(name)
    if problem is None and any(path.startswith(f"{name}/") for path in template.files):
        # "import tests" would find the folder of that name, not the module.
        problem = _("The project has a folder {name} of its own; the module needs another name.", name=name)
    if problem is not None:
        other = name_from(name)
        step = _("For example: {name}", name=other) if other != name else None
        raise UsageError(problem, next_step=step, name=name)


def _class_name(name: str) -> str:
    """``ring_buffer`` gives ``RingBuffer``; never a word of the language (``none``)."""
    joined = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return joined if joined.isidentifier() and not keyword.iskeyword(joined) else f"{joined or 'My'}Object"


def _check_target(target: Path) -> None:
    with disk_errors(target):
        taken = target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir())))
    if taken:
        raise ScaffoldError(
            _("{path} exists already.", path=target),
            next_step=_("Choose another name, or move it away first."),
            path=str(target),
        )


def _write(template: ProjectTemplate, name: str, root: Path) -> None:
    words = {"name": name, "class": _class_name(name)}
    source = resources() / "templates" / template.name
    root.mkdir(parents=True)
    for path, stored in template.files.items():
        target = root / Template(path).substitute(words)
        text = (source / stored).read_text("utf-8")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(words), "utf-8", newline="\n")
