"""Small packs for tests: honest ones with a toolchain that is a shell script, and every kind of hostile one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from toolchains.catalog_records import File, Release
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MANIFEST, NOWHERE, Manifest, Packed, PackFile, parse
from toolchains.pack_writer import write_pack
from toolchains.repack import repack

#: A "compiler" whose objects are right enough for the probe: what it is told to write, it writes.
PROGRAM = """#!/bin/sh
case " $* " in
*" --version "*) echo "xtensa-esp32-elf-gcc (made for tests) 1.2.3"; exit;;
*" -dumpmachine "*) echo xtensa-esp32-elf; exit;;
*dumpfullversion*) echo 1.2.3; exit;;
*" --print-libgcc-file-name "*) echo libgcc.a; exit;;
*print-file-name*) echo libm.a; exit;;
*print-prog-name*) echo cc1; exit;;
*print-search-dirs*) echo "libraries: ="; exit;;
esac
while [ $# -gt 1 ]; do
  if [ "$1" = -o ]; then printf '\\177ELF\\001\\001\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\001\\0\\136\\0' > "$2"; fi
  shift
done
cat > /dev/null
"""
TOOL = "made-gcc@1.2.3"
PLATFORMS = ("linux-amd64", "linux-arm64", "linux-i686", "linux-armhf", "linux-armel", "macos", "macos-arm64")


def toolchain(ctx: JobContext, folder: Path, padding: bytes = b"", plus: bytes = b"") -> Path:
    """An archive of the "compiler"; ``padding`` makes it larger, ``plus`` is a program for C++."""
    tree = folder / "made-gcc"
    (tree / "bin").mkdir(parents=True)
    program = tree / "bin" / "xtensa-esp32-elf-gcc"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (tree / "padding").write_bytes(padding)
    if plus:
        (tree / "libexec").mkdir()
        (tree / "libexec" / "cc1plus").write_bytes(plus)
    return repack(ctx, tree, folder / "made-gcc-1.2.3.tar.xz")


def release(archive: Path) -> Release:
    """Its row of the catalogue."""
    file = File(archive.name, f"{NOWHERE}{archive.name}", archive.stat().st_size, digest(archive.read_bytes()))
    return Release(
        tool="made-gcc",
        version="1.2.3",
        kind="gcc",
        arches=("xtensawin",),
        chips=(),
        micropython=(),
        natmod=("1.22", "1.29"),
        idf=(),
        program="xtensa-esp32-elf-gcc",
        bin="bin",
        version_command=("xtensa-esp32-elf-gcc", "--version"),
        version_regex="",
        files=dict.fromkeys(PLATFORMS, file),
        origin="test",
    )


def digest(content: bytes) -> str:
    """The SHA-256, in hex."""
    return sha256(content).hexdigest()


def entry(path: str, content: bytes, **more: object) -> dict[str, Any]:
    """The row of a file in a manifest."""
    return {"path": path, "size": len(content), "sha256": digest(content), "kind": "example", **more}


def manifest(*files: Mapping[str, Any], **more: object) -> bytes:
    """A manifest as JSON, as an enemy would write it: nothing is checked here."""
    head = {"schema": 1, "made": "2026-11-27", "maker": "tests", "platforms": [], "chips": [], "pythons": []}
    return json.dumps({**head, "toolchains": [], "files": list(files), **more}).encode()


def make(ctx: JobContext, out: Path, files: Mapping[str, bytes], archive: Path | None = None) -> Path:
    """An honest pack in one file."""
    work = out.parent / f"{out.name}.work"
    rows, sources = [], {}
    for name, content in files.items():
        source = work / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(content)
        kind = {"sdk": "sdk", "wheels": "wheel", "firmware": "firmware", "stubs": "stub"}.get(
            name.partition("/")[0], "example"
        )
        version = name.rpartition("-")[2].removesuffix(".tar.xz") if kind == "sdk" else None
        rows.append(PackFile(name, len(content), digest(content), kind, version=version))  # type: ignore[arg-type]
        sources[name] = source
    packed: tuple[Packed, ...] = ()
    if archive is not None:
        name = f"toolchains/{archive.name}"
        rows.insert(0, PackFile(name, archive.stat().st_size, digest(archive.read_bytes()), "toolchain"))
        sources[name] = archive
        packed = (Packed(release(archive)),)
    honest = replace(parse("", manifest()), files=tuple(rows), toolchains=packed)
    write_pack(ctx, out, honest, sources)
    return out


def folder(root: Path, raw: bytes, files: Mapping[str, bytes]) -> Path:
    """A pack that lies unzipped, with whatever manifest."""
    root.mkdir(parents=True, exist_ok=True)
    (root / MANIFEST).write_bytes(raw)
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def changed(honest: Manifest, **values: object) -> Manifest:
    """The manifest with its first file changed."""
    first = replace(honest.files[0], **values)  # type: ignore[arg-type]
    return replace(honest, files=(first, *honest.files[1:]))
