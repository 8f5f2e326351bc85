import smooth

data = bytearray((10, 20, 30))
smooth.halve(data)
print(data)
