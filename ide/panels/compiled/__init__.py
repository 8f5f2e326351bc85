"""What the compiler did: C beside assembly, and every byte of the module by name."""
