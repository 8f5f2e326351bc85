"""One file a source of toolchains."""
