"""Stands in for ESP-IDF's gen_esp32part.py: what makeimg.py asks it, and CSV to binary."""

import sys
from pathlib import Path

from ide.board.flash.table import read_binary, write_binary
from ide.board.flash.table_csv import read_csv

APP_TYPE = 0


class PartitionTable:
    """The tables that it reads are lists of rows with ``name``, ``type``, ``offset`` and ``size``."""

    @staticmethod
    def from_binary(data):
        """Read one."""
        return read_binary(data).partitions


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(write_binary(read_csv(source.read_text())))
