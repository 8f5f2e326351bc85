"""Whole firmware: the simulated boards' first, the other ports later."""
