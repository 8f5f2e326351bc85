# Runs before boot.py at each (soft) reset: mounts the board's "flash", which is formatted when it is blank.
import sys
import vfs
from simulator import flash

try:
    disk = vfs.VfsLfs2(flash)
except OSError:
    vfs.VfsLfs2.mkfs(flash)
    disk = vfs.VfsLfs2(flash)
vfs.mount(disk, "/")
sys.path.append("/lib")
