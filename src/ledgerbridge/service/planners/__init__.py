"""One planner for each sync: the records of a chunk and what surrounds them, into plans."""
