import cube

print(cube.cube(3))
