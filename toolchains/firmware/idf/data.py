"""What is known of ESP-IDF's places and options: ``resources/firmware/idf.json``."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from toolchains.paths import resources


@cache
def idf_data() -> dict[str, Any]:
    """The file."""
    loaded: dict[str, Any] = json.loads((resources() / "firmware" / "idf.json").read_text("utf-8"))
    return loaded
