"""What a board's memory holds: asked in passing (:mod:`vitals`), block by block (:mod:`heap_map`), for one module."""
