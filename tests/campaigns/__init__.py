"""Fault injection. Each campaign is a file here: ``trial(rng) -> str`` and, if it needs them, ``setup``, ``teardown``.

A trial breaks something at a place that ``rng`` chooses, then looks whether all is as it was promised. It returns a
label for what happened (they are counted and printed) and raises on a fault. ``setup()`` makes what all trials share;
``teardown()`` is always called after it. Run one with ``python3 studio.py campaign NAME [--count N] [--seed S]``.
"""
