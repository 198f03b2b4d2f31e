"""The appeal under articles of other sites: as a script, as a frame, and under a sample article."""
