"""One file a verb of the `natmod` command; each holds a record called VERB."""
