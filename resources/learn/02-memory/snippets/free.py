import gc

gc.collect()
start = gc.mem_free()
numbers = [n * 1000 for n in range(1000)]
print("the list costs", start - gc.mem_free(), "bytes")
numbers = None
print("forgotten, not yet collected:", start - gc.mem_free())
gc.collect()
print("after gc.collect():", start - gc.mem_free())
