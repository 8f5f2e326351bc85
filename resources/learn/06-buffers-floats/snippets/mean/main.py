from array import array

from mean import mean

print(mean(array("H", [10, 20, 33])))
