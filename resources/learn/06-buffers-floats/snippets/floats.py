x = 0.1 + 0.2
print(x, x == 0.3)
print(16777216.0 + 1.0)  # 16777216.0 again where a float has 32 bits
