"""Whole firmware of this project: its target, its modules, what is frozen, its build, what it weighs."""
