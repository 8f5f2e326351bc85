from counter import Counter

c = Counter(10)
print(c.add(4))
