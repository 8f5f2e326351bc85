"""Commands for developers (``python -m tests.tools.NAME``): checks, catalogues, papers."""
