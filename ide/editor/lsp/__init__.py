"""Language servers: clangd, ruff and a jedi worker, each a child process behind one door. No Qt."""
