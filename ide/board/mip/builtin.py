"""A module that a firmware was built without, built for this board from MicroPython's own examples.

``examples/natmod`` of the source tree has btree, deflate, framebuf, heapq, random and re as native modules. Each is
built by its own Makefile, from a copy of its folder, and becomes ``NAME.mpy`` in the board's folder for packages.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from ide.board.boards import Boards
from ide.board.mip.errors import PackageError
from ide.board.mip.install import facts, install
from ide.board.mip.records import Content, Gathered, InstallReport, Package, PackageFile
from ide.board.mip.trouble import NATIVE
from ide.board.pipeline import RunRequest, prepare
from toolchains import project
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.sdk_tree import SdkTree
from toolchains.text import _


class NoSuchExample(PackageError):
    """The source tree has no native module of that name."""

    code = "package.noexample"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("MicroPython's examples have no native module called {name}.", name=name),
            next_step=_("They have: {names}.", names=", ".join(NATIVE)),
            package=name,
        )


def install_builtin(
    ctx: JobContext, boards: Boards, name: str, address: str, *, sdk: str | None = None, target: str | None = None
) -> InstallReport:
    """Build ``name`` for the board at ``address`` and write it to its folder for packages, as a package like others.

    ``sdk``: a MicroPython version, else the board's. Raises :class:`NoSuchExample`, and the errors of a build and of
    :mod:`ide.board.files.transfer`.
    """
    if name not in NATIVE:
        raise NoSuchExample(name)
    board = boards.open(ctx, address)
    identity = board.identity(ctx)
    sdks = boards.toolbox.sdks
    tree = sdks.ensure(ctx, sdk) if sdk else sdks.best_for(identity.version, identity.mpy_version)
    tree = tree or sdks.ensure(ctx, identity.version)
    with tempfile.TemporaryDirectory(prefix="natmod-") as scratch:
        folder = _copy(tree, name, Path(scratch))
        request = RunRequest(folder, board=address, sdk=tree.version, run=False)
        made = prepare(ctx, boards, project.load(folder), request)
        module = next(iter(made.modules.values()))
    file = PackageFile(f"{name}.mpy", f"examples/natmod/{name}", unverified="it was built here")
    package = Package(name, tree.version, "built", file.address, (file,))
    content = Content(file, module, hashlib.sha256(module).hexdigest())
    where = facts(ctx, made.board, target)
    return install(ctx, made.board, Gathered((package,), {name: (content,)}), where)


def _copy(tree: SdkTree, name: str, into: Path) -> Path:
    source = tree.path / "examples" / "natmod" / name
    if not source.is_dir():
        raise NoSuchExample(name)
    with disk_errors(into):
        return shutil.copytree(source, into / name)
