"""Twenty names that a file on a board may have; programs with shells, quotes or lists of their own get them wrong."""

from __future__ import annotations

HOSTILE_NAMES = (
    "two words.py",
    " leading and trailing ",
    "quote's.txt",
    'double"quote.txt',
    "back\\slash.txt",
    "new\nline.txt",
    "tab\tand\rreturn.txt",
    "-rf",
    "...",
    ".hidden",
    "trailing.",
    "CON",
    "a:b*c?d<e>f|g",
    "$(reboot) `id` ${HOME} %PATH%",
    "';import os;os.remove('x')#",
    "{0}%s%n",
    "naïve café ñ.py",
    "学习/机器".replace("/", "の"),
    "e\u0301 combining 🐍 \u202e right to left",
    "x" * 120 + ".bin",
)
