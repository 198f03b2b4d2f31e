"""Money, clock, ids and errors: pure, and beneath everything else."""
