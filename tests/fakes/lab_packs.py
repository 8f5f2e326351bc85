"""Packs with wheels whose content is their own name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from tests.fakes import packs
from toolchains.pack_manifest import MANIFEST

#: Wheels by name; the content of each is its own name.
WHEELS = (
    "tomlkit-0.13-py3-none-any.whl",
    "pip-26.0-py3-none-any.whl",
    "PySide6_Essentials-6.11-cp310-abi3-manylinux_2_34_x86_64.whl",
    "ziglang-0.17.0.post0-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl",
    "ziglang-0.17.0.post0-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "ziglang-0.17.0.post0-py3-none-win_amd64.whl",
    "ziglang-0.17.0.post0-py3-none-macosx_13_0_arm64.whl",
    "ziglang-0.17.0.post0-py3-none-macosx_13_0_x86_64.whl",
    "watchfiles-1.1-cp311-cp311-manylinux_2_17_x86_64.whl",
    "watchfiles-1.1-cp312-cp312-manylinux_2_17_x86_64.whl",
    "watchfiles-1.1-cp312-cp312-win_amd64.whl",
    "watchfiles-1.1-cp312-cp312-macosx_11_0_arm64.whl",
)
_PLATFORMS = ["linux-amd64", "win64", "macos-arm64"]


def lab_pack(root: Path, *, only: str = "", **more: Any) -> Path:
    """A pack in a folder."""
    files = {f"wheels/{name}": name.encode() for name in WHEELS if only in name}
    rows = [packs.entry(name, content, kind="wheel") for name, content in files.items()]
    head = {"platforms": _PLATFORMS, "pythons": ["3.11", "3.12"], **more}
    return packs.folder(root, packs.manifest(*rows, **head), files)


def zipped(folder: Path) -> Path:
    """The same pack in one file."""
    out = folder.with_suffix(".natmodpack")
    with zipfile.ZipFile(out, "w") as bundle:
        names = [MANIFEST, *(f"wheels/{name}" for name in WHEELS)]
        for name in names:
            with bundle.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write((folder / name).read_bytes())
    return out
