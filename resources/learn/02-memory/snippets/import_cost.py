import gc

gc.collect()
before = gc.mem_free()
import asyncio  # a module of many functions

gc.collect()
print("import asyncio costs", before - gc.mem_free(), "bytes")
print("free now:", gc.mem_free(), "bytes")
