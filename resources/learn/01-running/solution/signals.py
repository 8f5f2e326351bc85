def pattern(times):
    """["on", "off", "on", "off", ...]: an LED that blinks so many times."""
    return ["on", "off"] * times
