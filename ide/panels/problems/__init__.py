"""The Problems panel: what compilers and boards complain about, and where."""
