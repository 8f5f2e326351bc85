import signals

print(signals.pattern(3))
