import square

print(square.square(12))
try:
    square.square("twelve")
except TypeError as error:
    print("TypeError:", error)
