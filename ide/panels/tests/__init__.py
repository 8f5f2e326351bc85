"""The tests panel: the project's tests, green and red, and the way to the line that failed."""
