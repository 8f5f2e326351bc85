"""The race panel: any function of the project, and ready races, in several ways on the board."""
