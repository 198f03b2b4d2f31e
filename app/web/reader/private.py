"""What goes with an answer that is one reader's alone."""

PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
"""No cache keeps it, and no search engine lists it."""
