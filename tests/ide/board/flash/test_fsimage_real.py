"""Images that we made, mounted by a real MicroPython; and what it writes, read by us."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ide.board.flash import fsimage
from ide.board.flash.fsimage import BoardFile
from tests.conftest import RecordingContext

_ON_MICROPYTHON = """
import os, vfs
class Flash:
    def __init__(self, data): self.data = data
    def readblocks(self, n, buf, at=0): buf[:] = self.data[n * 4096 + at : n * 4096 + at + len(buf)]
    def writeblocks(self, n, buf, at=0): self.data[n * 4096 + at : n * 4096 + at + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 4: return len(self.data) // 4096
        if op == 5: return 4096
        if op == 6:
            self.data[arg * 4096 : arg * 4096 + 4096] = b"\\xff" * 4096
            return 0
with open("image.bin", "rb") as file: data = bytearray(file.read())
vfs.mount(vfs.VfsLfs2(Flash(data)), "/board")
with open("/board/main.py.off") as file: print(file.read(), end="")
with open("/board/lib/été.bin", "rb") as file: print(sum(file.read()))
with open("/board/new.py", "w") as file: file.write("made by MicroPython\\n")
vfs.umount("/board")
with open("image.bin", "wb") as file: file.write(data)
"""


def test_micropython_mounts_our_littlefs_and_we_read_its(
    ctx: RecordingContext, unix_firmware: Path, tmp_path: Path
) -> None:
    """Built and renamed in with the settings of MicroPython's VfsLfs2, of which nothing is told in the image."""
    noise = bytes(range(250)) * 160
    rows = [
        BoardFile("/lib", True, 0),
        BoardFile("/lib/été.bin", False, len(noise), noise),
        BoardFile("/main.py", False, 9, b"import x\n"),
    ]
    image, _blocks = fsimage.rename(ctx, fsimage.build_of(ctx, rows, 0x40000), ("/main.py", "/main.py.off"))
    (tmp_path / "image.bin").write_bytes(image)
    done = subprocess.run(
        [unix_firmware, "-c", _ON_MICROPYTHON], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == f"import x\n{sum(noise)}\n"
    after = fsimage.read(ctx, (tmp_path / "image.bin").read_bytes())
    contents = {file.path: file.data for file in after.files if not file.folder}
    assert contents == {"/lib/été.bin": noise, "/main.py.off": b"import x\n", "/new.py": b"made by MicroPython\n"}
