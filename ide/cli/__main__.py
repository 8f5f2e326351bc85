"""``python -m ide.cli``: the ``natmod`` command."""

from __future__ import annotations

import sys

from ide.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
