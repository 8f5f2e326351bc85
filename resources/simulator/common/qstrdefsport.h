// The port needs no interned names beyond those found in its C files.
