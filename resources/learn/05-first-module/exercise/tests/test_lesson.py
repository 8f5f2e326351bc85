import cube

assert cube.cube(3) == 27, "cube(3) is 27"
assert cube.cube(-2) == -8, "cube(-2) is -8"
assert hasattr(cube, "volume"), "the module has no volume(): is it stored in mpy_init?"
assert cube.volume(2, 3, 4) == 24, "volume(2, 3, 4) is 24"
