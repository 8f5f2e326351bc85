"""Stands in for kconfgen: what a few options are by themselves, then the lines of SDKCONFIG_DEFAULTS; a file that is
there is kept. Unknown options are left out, as Kconfig does."""

import sys
from pathlib import Path

KNOWN = ("PARTITION", "ESPTOOLPY", "ESP_SYSTEM", "SPIRAM", "FREERTOS", "LWIP", "COMPILER", "IDF")


def values(text):
    """Options of a file, the last of each."""
    rows = [line.split("=", 1) for line in text.splitlines() if line.startswith("CONFIG_") and "=" in line]
    return {key.removeprefix("CONFIG_"): value.strip() for key, value in rows}


if sys.argv[1] == "--get":
    sys.stdout.write(values(Path(sys.argv[3]).read_text())[sys.argv[2]].strip('"') + "\n")
    sys.exit()
defaults, target, chip = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if target.is_file():
    sys.exit()
offset = {"esp32": "0x1000", "esp32s2": "0x1000", "esp32p4": "0x2000", "esp32c5": "0x2000"}.get(chip, "0x0")
found = {"IDF_TARGET": f'"{chip}"', "BOOTLOADER_OFFSET_IN_FLASH": offset, "PARTITION_TABLE_OFFSET": "0x8000"}
found |= {key: value for key, value in values(defaults.read_text()).items() if key.startswith(KNOWN)}
lines = [f"# CONFIG_{key} is not set" if value == "n" else f"CONFIG_{key}={value}" for key, value in found.items()]
target.write_text("\n".join(lines) + "\n")
