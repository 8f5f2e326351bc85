"""What turns source into artifacts. Plain Python: no Qt, nothing from ide/, nothing that talks to a board."""
