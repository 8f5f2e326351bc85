from counter import Counter

c = Counter(10)
print(c.add(4), c.add(5))
try:
    c.add(2)
except ValueError as error:
    print("ValueError:", error)
