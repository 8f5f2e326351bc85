"""The Run panel: the eight steps as they pass, and what it cost."""
