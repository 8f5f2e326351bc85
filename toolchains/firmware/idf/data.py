"""What is known of ESP-IDF's places and options: ``resources/firmware/idf.json``."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from toolchains.paths import resources

#: What an ESP-IDF of ours is called in the store of toolchains: ``esp-idf@v5.4.2``.
TOOL = "esp-idf"


@cache
def idf_data() -> dict[str, Any]:
    """The file."""
    loaded: dict[str, Any] = json.loads((resources() / "firmware" / "idf.json").read_text("utf-8"))
    return loaded
