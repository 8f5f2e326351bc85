"""How much of the heap is taken: measured the same way everywhere."""

import gc
import sys


def used():
    """Bytes in use, after everything that nobody can reach is gone."""
    gc.collect()
    return gc.mem_alloc()


def cost_of_import(name):
    """Bytes of the heap that stay taken after the import of a module."""
    __import__(name)  # once before: names that MicroPython has never seen are noted in a table that stays
    del sys.modules[name]
    before = used()
    __import__(name)
    return used() - before
