import time

try:
    from machine import Pin

    led = Pin(2, Pin.OUT)  # many boards have their LED here
    show = led.value
except (ImportError, ValueError):  # a simulated board has no LED: print instead

    def show(on):
        print("on" if on else "off")


for n in range(6):
    show(n % 2 == 0)
    time.sleep_ms(100)
