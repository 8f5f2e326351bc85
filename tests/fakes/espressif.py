"""Archives of the shape of Espressif's, with a compiler that is a shell script; and a server that stands in for GitHub.

Names, folders, links and the banner are those of the real archives (facts: ESP-IDF's tools.json); the sizes are not.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.fakes.file_server import FileServer, serve
from toolchains.catalog import Catalog, Release
from toolchains.host import Host
from toolchains.paths import Paths

VERSION = "esp-14.9.0_20300101"
#: e_machine of an ELF file, as printf writes it.
_MACHINES = {"xtensa-esp-elf": r"\136\000", "xtensa-esp32-elf": r"\136\000", "riscv32-esp-elf": r"\363\000"}
#: Its libgcc is a file that is there: the script itself.
_SCRIPT = r"""#!/bin/sh
here=$(dirname "$0")
case "$*" in
*--version*) echo "{name} (crosstool-NG {version}) {number}"; exit 0;;
{real}*-dumpmachine*) echo "{tool}"; exit 0;;
*-dumpfullversion*) echo "{number}"; exit 0;;
*-print-prog-name=cc1*) echo "$here/../libexec/gcc/{tool}/{number}/cc1"; exit 0;;
*-print-libgcc-file-name*) echo "$0"; exit 0;;
*-print-*|*--print-*) echo "none.a"; exit 0;;
esac
for word; do [ "$before" = -o ] && out=$word; before=$word; done
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\001\000{machine}' > "$out"
"""
#: In place of the answers of the script: everything but the version comes from a real compiler.
_REAL = '*) exec "{program}" "$@";;\n'


@dataclass(frozen=True)
class Archive:
    """An archive as bytes, and what a tools.json says of it."""

    tool: str
    version: str
    name: str
    data: bytes
    platform: str

    @property
    def url(self) -> str:
        """Where Espressif would have it."""
        return f"https://github.com/espressif/crosstool-NG/releases/download/{self.version}/{self.name}"


def make(
    tool: str = "xtensa-esp-elf",
    version: str = VERSION,
    platform: str = "linux-amd64",
    *,
    says: str | None = None,
    real: Path | None = None,
    programs: tuple[str, ...] = (),
) -> Archive:
    """``says``: what its programs answer for a version; ``real``: a compiler that does the work; ``programs``: more."""
    windows = platform.startswith("win")
    files: dict[str, bytes] = {}
    number = version.removeprefix("esp-").partition("_")[0]
    names = programs or (f"{tool}-gcc", "xtensa-esp32-elf-gcc" if tool == "xtensa-esp-elf" else f"{tool}-gcc")
    for name in dict.fromkeys(names):
        text = _SCRIPT.format(
            name=name,
            tool=tool,
            version=says or version,
            number=number,
            machine=_MACHINES.get(tool, ""),
            real="" if real is None else _REAL.format(program=real),
        )
        files[f"{tool}/bin/{name}{'.exe' if windows else ''}"] = text.encode()
    files[f"{tool}/libexec/gcc/{tool}/{number}/cc1"] = b"#!/bin/sh\n"
    files[f"{tool}/lib/gcc/{tool}/{number}/libgcc.a"] = b"!<arch>\n"
    files[f"{tool}/share/licenses/gcc/COPYING3"] = b"GNU GENERAL PUBLIC LICENSE\n" * 40
    suffix = "zip" if windows else "tar.xz"
    triple = "x86_64-w64-mingw32" if windows else "x86_64-linux-gnu"
    data = _zipped(files) if windows else _tarred(files, tool)
    return Archive(tool, version, f"{tool}-{version.removeprefix('esp-')}-{triple}.{suffix}", data, platform)


def _tarred(files: dict[str, bytes], tool: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755 if "/bin/" in name or name.endswith("cc1") else 0o644
            tar.addfile(info, io.BytesIO(content))
        first = next(iter(files))
        for name, kind, target in (
            (f"{tool}/bin/{tool}-cc", tarfile.SYMTYPE, first.rpartition("/")[2]),
            (f"{tool}/{tool}/bin/gcc", tarfile.LNKTYPE, first),
        ):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, target
            tar.addfile(link)
    return stream.getvalue()


def _zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o100755 << 16  # a Windows machine that is played on Linux must be able to start them
            bundle.writestr(info, content)
    return stream.getvalue()


def tools_json(*archives: Archive) -> str:
    """A tools.json with these, in Espressif's form."""
    tools: dict[str, dict[str, object]] = {}
    for one in archives:
        chips = ["esp32", "esp32s2", "esp32s3"] if one.tool.startswith("xtensa") else ["esp32c3", "esp32c6"]
        tool = tools.setdefault(
            one.tool,
            {
                "name": one.tool,
                "description": "Toolchain",
                "export_paths": [[one.tool, "bin"]],
                "export_vars": {},
                "install": "always",
                "supported_targets": chips,
                "version_cmd": [f"{one.tool}-gcc", "--version"],
                "version_regex": r"\(crosstool-NG\s+(?:crosstool-ng-)?([0-9a-zA-Z\.\-_]+)\)",
                "versions": [],
            },
        )
        versions = tool["versions"]
        assert isinstance(versions, list)
        row = {"url": one.url, "size": len(one.data), "sha256": hashlib.sha256(one.data).hexdigest()}
        versions.append({"name": one.version, "status": "recommended", one.platform: row})
    return json.dumps({"version": 2, "tools": list(tools.values())})


def publish(paths: Paths, *archives: Archive) -> None:
    """Make them known, as if the person had imported a newer tools.json."""
    folder = paths.data / "catalog"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tools-master.json").write_text(tools_json(*archives), "utf-8")


#: The environment of a machine that reaches nobody but itself.
OFFLINE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}


@contextmanager
def github(host: Host, archive: Archive, answer: str = "ok") -> Iterator[tuple[Host, FileServer]]:
    """A mirror that has the archive (and answers as ``answer`` says), and the host that is told to use it."""
    with serve(archive.data) as server:
        item = rf"^https://github\.com/.*/{archive.name.replace('.', chr(92) + '.')}$,{server.url}/{answer}"
        yield replace(host, environ={**host.environ, "IDF_MIRROR_PREFIX_MAP": item}), server


class Pack:
    """A source with one toolchain, as a pack has it."""

    def __init__(self, paths: Paths, archive: Archive, folder: Path, stamp: Mapping[str, object] | None = None) -> None:
        release = Catalog.of(paths).get(f"{archive.tool}@{archive.version}")
        assert release is not None
        self.toolchains = (Row(release, stamp),)
        self._file = folder / archive.name
        self._file.write_bytes(archive.data)

    def find(self, sha256: str | None, name: str) -> Path | None:
        """The one file."""
        return self._file if name == self._file.name else None


@dataclass(frozen=True)
class Row:
    """A toolchain of a pack."""

    release: Release
    stamp: Mapping[str, object] | None
