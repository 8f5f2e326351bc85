import gc

print("Python's heap:", gc.mem_alloc() + gc.mem_free(), "bytes")
try:
    import esp32
except ImportError:
    print("This board is no ESP32: that is all.")
else:
    for total, free, largest, least in esp32.idf_heap_info(esp32.HEAP_DATA):
        print("PSRAM" if total > 1_000_000 else "inside the chip", total, "free", free)
