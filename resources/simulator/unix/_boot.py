# Runs before boot.py at each (soft) reset: the board's "flash" is one folder of this computer, mounted as /.
import sys
import vfs
from simulator import root

vfs.umount("/")
vfs.mount(vfs.VfsPosix(root()), "/")
sys.path[:] = ["", ".frozen", "/lib"]
