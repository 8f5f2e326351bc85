"""Packages for boards: MicroPython's index (mip), read, resolved and downloaded by this computer.

The board needs no network. Whatever comes from outside (an index, a package.json, a file) is checked before a byte goes
to the board, and files are written as all files are: a temporary name, a hash, a rename.
"""
