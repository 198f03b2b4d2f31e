"""What a deployer sets: the environment and the newsroom's file."""
