"""The `natmod` command: a thin face of toolchains/ and ide/board/. No Qt."""
