"""Stands in for ESP-IDF's idf_tools.py: installs no packages, and says for which environment it was asked to."""

import os
import sys
from pathlib import Path

assert sys.argv[1:] == ["--non-interactive", "install-python-env"], sys.argv
own = Path(os.environ["IDF_PYTHON_ENV_PATH"])
assert Path(sys.prefix) == own, sys.prefix  # else the real one refuses to make an environment inside another
(own / "packages.txt").write_text(os.environ["IDF_TOOLS_PATH"])
