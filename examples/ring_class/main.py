# Keep the last three measurements of a sensor and average them.
from ring_class import Ring

last = Ring(3)
for measurement in (20, 22, 27, 26):
    last.push(measurement)

print(last)
print("average of the last", len(last), "=", sum(last) // len(last))
