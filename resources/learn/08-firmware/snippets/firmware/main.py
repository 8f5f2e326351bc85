import greet

print(greet.hello("Ada"))
