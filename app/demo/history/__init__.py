"""The newsroom's past: who supported it, what they did when, and how it is lived through."""
