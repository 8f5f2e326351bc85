"""From a board's last words to the line of C that it crashed at.

``dumps`` reads what boards print (a panic of an ESP32, ESP32-S3 or C3, the trap of our simulated board), ``module``
knows where each instruction of a native module comes from, ``firmware`` the functions of MicroPython itself, and
``explain`` puts them together to a :class:`~toolchains.crash.records.Crash`.
"""
