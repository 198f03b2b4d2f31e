"""Who people are: changed, taken away with them, forgotten, sealed anew."""
