import door

print(door.opens(4711))
