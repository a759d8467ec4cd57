"""Speed, calls and memory of the whole, against a plain script and the vendors' limits."""
