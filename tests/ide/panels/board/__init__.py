"""The Board panel."""
