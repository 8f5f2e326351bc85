import sys

print("Hello from", sys.platform)
print("MicroPython", sys.implementation.version[:3])
