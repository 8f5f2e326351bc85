"""The project panel: the tree of files, and the ways to other projects."""
