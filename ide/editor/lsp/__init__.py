"""Language servers: clangd and ruff, each a child process behind one door. No Qt."""
