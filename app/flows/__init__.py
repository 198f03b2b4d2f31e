"""One file per story: what happens, in order, across the parts."""
