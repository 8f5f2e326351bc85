"""``natmod compdb``: how the project's C files are compiled, for editors."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.verb import Session, Verb, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains import compdb, natmod, project
from toolchains.build_folder import FOLDER
from toolchains.chips import arch as arch_named
from toolchains.matrix import Cell, Plan, request_of
from toolchains.text import _, _n

_DEFAULT_ARCH = "rv32imc"


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("--arch", default=_DEFAULT_ARCH, help=str(_("the architecture (default: rv32imc)")))
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help=str(_("write there (default: .natmod/compile_commands.json in the project)")),
    )
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    toolbox, ctx = session.toolbox, session.ctx
    proj = project.load(Path(options.project))
    sdk = toolbox.sdks.ensure(ctx, options.sdk or proj.pin_micropython)
    cell = Cell(arch_named(options.arch), sdk, options.arch)
    choice, request = request_of(ctx, toolbox, Plan(proj, options.compiler, wishes=wishes_of(options)), cell)
    what = natmod.describe(ctx, request, toolbox.linkers)
    path = _path(options.output, proj.root)
    entries = compdb.write(what, path)
    session.out.record({"kind": "compdb", "path": str(path), "arch": options.arch, "commands": entries})
    count = len(entries)
    session.out.text(_n("{path}: {n} file, {arch}", "{path}: {n} files, {arch}", count, path=path, arch=options.arch))
    session.out.text(
        _(
            "MicroPython {sdk}, {compiler}",
            sdk=sdk.version,
            compiler=f"{choice.compiler.kind} {choice.compiler.version}",
        )
    )
    if path.name == compdb.FILE_NAME and path.parent == proj.root / FOLDER:
        session.out.text(
            _(
                "So that clangd finds it, put these two lines into a file called .clangd in {project}:\n"
                "    CompileFlags:\n"
                "      CompilationDatabase: {folder}\n"
                "VS Code's C/C++ extension: set C_Cpp.default.compileCommands to that file.",
                project=proj.root,
                folder=FOLDER,
            )
        )
    if choice.compiler.kind == "gcc":
        program = choice.compiler.command[0]
        session.out.text(
            _("clangd asks GCC for its headers when it is started with --query-driver={program}", program=program)
        )
    return 0


def _path(output: Path | None, root: Path) -> Path:
    if output is None:
        return root / FOLDER / compdb.FILE_NAME
    return (output / compdb.FILE_NAME if output.is_dir() else output).absolute()


VERB = Verb(
    "compdb",
    _("write compile_commands.json, for clangd and other editors' helpers"),
    _(
        "Editors then know the headers of MicroPython, the interned strings of the project, and its flags.\n"
        "Write it again when files are added. Example: natmod compdb blinker --arch xtensawin"
    ),
    _arguments,
    _run,
)
