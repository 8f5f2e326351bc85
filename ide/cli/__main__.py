"""``python -m ide.cli``: the ``natmod`` command."""

from __future__ import annotations

import sys

try:
    from ide.cli.main import main
except KeyboardInterrupt:  # Ctrl-C before anything of ours could listen
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
