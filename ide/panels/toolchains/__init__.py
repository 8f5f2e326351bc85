"""The Toolchains panel: what this project needs and lacks, what is installed, what can be had, and getting it."""
