"""The Plotter: numbers that the running program prints, drawn as they come."""
