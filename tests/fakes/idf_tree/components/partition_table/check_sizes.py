"""Stands in for ESP-IDF's check_sizes.py: its words where an app does not fit."""

import sys
from pathlib import Path

import gen_esp32part

table, image = map(Path, sys.argv[1:])
size = image.stat().st_size
app = next(one for one in gen_esp32part.PartitionTable.from_binary(table.read_bytes()) if one.type == 0)
if size > app.size:
    sys.stdout.write(f"Error: app partition is too small for binary {image.name} size {size:#x}:" + "\n")
    sys.stdout.write(
        f"  - Part '{app.name}' 0/0 @ {app.offset:#x} size {app.size:#x} (overflow {size - app.size:#x})" + "\n"
    )
    sys.exit(2)
sys.stdout.write(f"{image.name} binary size {size:#x} bytes. Smallest app partition is {app.size:#x} bytes." + "\n")
