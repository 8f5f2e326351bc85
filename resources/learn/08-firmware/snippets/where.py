import sys

for name in ("sys", "json", "asyncio"):
    module = __import__(name)
    print(name, "comes from", getattr(module, "__file__", "the firmware"))
print("files are looked for in", sys.path)
