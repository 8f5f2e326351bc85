"""What talks to boards. Plain Python, no Qt."""
