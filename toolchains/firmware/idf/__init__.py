"""Firmware of the ESP32 family: MicroPython's port, built by ESP-IDF without make."""
