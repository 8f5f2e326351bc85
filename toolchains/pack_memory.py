"""What the engine keeps of the pack that it was set up from: where it is, and its ``lab.toml``.

``python -m toolchains.pack_memory PACK`` is what studio.py runs when the engine is there; each line of its output is
for the person. ``pack.toml`` is read by :meth:`toolchains.pack_source.PackSource.remembered`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from toolchains import lab, languages, system
from toolchains.errors import StudioError, disk_errors
from toolchains.host import Host
from toolchains.pack_manifest import LAB
from toolchains.paths import Paths
from toolchains.sdk import SdkStore
from toolchains.setup_pack import SetupPack
from toolchains.text import Text, _

FILE = "pack.toml"
#: The simulated board of a first run: programs, and the Debian packages that have them.
_SIMULATOR = {"qemu-system-riscv32": "qemu-system-misc", "make": "make"}


def remember(paths: Paths, where: str) -> None:
    """From now on, what is looked for is looked for in that pack first. Raises DiskError."""
    import tomlkit

    _write(paths.config / FILE, tomlkit.dumps({"source": where}).encode())


def take_lab(paths: Paths, pack: SetupPack) -> None:
    """Keep the pack's presets; those of an older pack go. Raises ProjectFileError, PackDamaged, DiskError."""
    raw = pack.lab()
    if raw is None:
        with disk_errors(paths.config / LAB):
            (paths.config / LAB).unlink(missing_ok=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder, LAB)
        tried.write_bytes(raw)
        lab.load(tried)
    _write(paths.config / LAB, raw)


def lacking(host: Host, paths: Paths, pack: SetupPack) -> list[Text]:
    """What a first run wants and neither the pack nor this computer has."""
    found: list[Text] = []
    if not pack.manifest.of_kind("sdk") and not SdkStore(paths).installed():
        found.append(_("The pack has no MicroPython sources: a build will look for them on the network."))
    programs = [program for program in _SIMULATOR if host.which(program) is None]
    if programs and host.system != "windows":
        line = system.install_line(host, [_SIMULATOR[program] for program in programs])
        found.append(
            _(
                "The simulated board needs {programs}, which packs do not have: {line}",
                programs=", ".join(programs),
                line=line or _("use a real board, or install them."),
            )
        )
    return found


def _write(path: Path, content: bytes) -> None:
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.write_bytes(content)
        os.replace(fresh, path)


def main(where: str) -> int:
    """Remember the pack; 1 where that was not possible."""
    host = Host.current()
    languages.use(languages.of_system(host))
    paths = Paths.of(host)
    lines: list[object] = []
    code = 0
    try:
        remember(paths, where)
        pack = SetupPack.open(where)
        try:
            take_lab(paths, pack)
            lines += lacking(host, paths, pack)
        finally:
            pack.close()
    except StudioError as error:
        lines.append(error)
        code = 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
