"""The ``unittest`` that boards get from us, as MicroPython has none: served beside the project, never installed."""

from __future__ import annotations

from pathlib import Path

from toolchains import paths

MODULE = "unittest.py"


def wanted(root: Path, script: str) -> bool:
    """Whether a script of the project ``root`` mentions unittest, and the project brings none of its own."""
    if any((root / name).exists() for name in (MODULE, "unittest.mpy", "unittest")):
        return False
    try:
        return b"unittest" in (root / script).read_bytes()
    except OSError:  # whoever runs it will say so
        return False


def board_unittest(mark: str = "", pick: str = "") -> bytes:
    """The module, without its comments. With ``mark``, results come in marked lines; ``pick``: only such methods."""
    text = (paths.resources() / "board" / MODULE).read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace('MARK = ""', f"MARK = {mark!r}", 1).replace('PICK = ""', f"PICK = {pick!r}", 1)
    return text.encode() + b"\n"
