"""The flasher: from a bare chip to a running MicroPython, and back. No Qt; esptool is a child process."""
