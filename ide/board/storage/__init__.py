"""What a board's flash holds, as its own firmware sees it: partitions, filesystems, and why they are so large."""
