"""Parts of MicroPython's sources that a port needs and a tree lacks: git submodules, which not every archive has.

Which ones a board needs is asked of the port's own Makefile, which lists them for ``make submodules``.
"""

from __future__ import annotations

import re
from pathlib import Path

from toolchains.errors import FirmwareError
from toolchains.firmware.make import Recipe, Staging, environment
from toolchains.jobs import JobContext
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

_LIST = re.compile(r"Updating submodules: ([^\"'\n]*)")
_SAFE = re.compile(r"[\w.+-]+(/[\w.+-]+)*", re.ASCII)


class SourcesLack(FirmwareError):
    """The tree has not all that a board is made of. Field ``parts``: the folders that are empty."""

    code = "firmware.parts"

    def __init__(self, name: str, sdk: SdkTree, parts: tuple[str, ...], step: Text) -> None:
        super().__init__(
            _(
                "The MicroPython sources in {path} lack {parts}, which the firmware {name} needs.",
                path=sdk.path,
                parts=", ".join(parts),
                name=name,
            ),
            why=_("They are git submodules, which a plain clone and some archives leave out."),
            next_step=step,
            parts=parts,
            name=name,
        )


def check(ctx: JobContext, recipe: Recipe, stage: Staging, sdk: SdkTree) -> None:
    """Raise :class:`SourcesLack` when folders that this make run needs are empty."""
    words = [f"{key}={value}" for key, value in recipe.values.items()]
    argv = ["make", "-n", "-C", str(recipe.folder), *words, "submodules"]
    said = ctx.run(argv, env=environment(stage, sdk), check=False)
    found = _LIST.search(said.text)
    wanted = sorted({name for name in found[1].split() if _SAFE.fullmatch(name)}) if found else []
    lacking = tuple(name for name in wanted if _is_empty(sdk.path / name))
    if lacking:
        raise SourcesLack(recipe.name, sdk, lacking, _step(sdk, lacking))


def _is_empty(folder: Path) -> bool:
    try:
        return not any(path.name != ".git" for path in folder.iterdir())
    except OSError:
        return True


def _step(sdk: SdkTree, parts: tuple[str, ...]) -> Text:
    if (sdk.path / ".git").exists():
        command = f"git -C {sdk.path} submodule update --init {' '.join(parts)}"
        return _("Fetch them with: {command}", command=command)
    address = f"https://micropython.org/resources/source/micropython-{sdk.version}.tar.xz"
    return _("Download {address}, which has them all, then: natmod sdk add micropython-{version}.tar.xz",
             address=address, version=sdk.version)  # fmt: skip
