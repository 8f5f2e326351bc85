import micropython


@micropython.viper
def add_one(buffer):
    data = ptr8(buffer)  # the address of its first byte
    for i in range(int(len(buffer))):
        data[i] += 1  # nobody checks i: count with care


numbers = bytearray((1, 2, 255))
add_one(numbers)
print(list(numbers))  # 255 + 1 is 0: a byte has 8 bits
