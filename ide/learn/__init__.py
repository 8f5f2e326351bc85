"""Lessons, results and benches: what the learn panel and ``natmod learn`` share. No Qt."""
