"""How often each variant of the appeal was shown and followed, in daily sums."""
