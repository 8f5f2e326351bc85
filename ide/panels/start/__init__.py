"""The start page: two buttons, *factorial* and *race*, and what to do next."""
