"""The only place that sees a person's name and address in clear."""
