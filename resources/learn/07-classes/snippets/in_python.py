class Counter:
    def __init__(self, limit):
        self.count, self.limit = 0, limit

    def add(self, n):
        if self.count + n > self.limit:
            raise ValueError("more than the limit")
        self.count += n
        return self.count


print(Counter(10).add(4))
