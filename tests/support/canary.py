"""Searches for the canary: a name and an address that stand nowhere by chance."""

import base64
from collections.abc import Iterator

WORDS = ("quillfeather", "zoraida", "zq-canary", "canary-7731")
"""Parts of CANARY's name and the address, none of which may be found in any case or coding."""


def found_in(text: str) -> set[str]:
    """Return the words found in a text, in clear or coded."""
    return {word for word in WORDS for needle in needles(word) if needle in text.lower()}


def needles(word: str) -> Iterator[str]:
    """Return what a word may look like, in lower case: as it is, in hexadecimal, inside base64."""
    yield word
    for spelling in (word, word.title(), word.upper()):
        yield spelling.encode().hex()
        for start in range(3):
            inside = base64.b64encode(b"\0" * start + spelling.encode()).decode()
            yield inside[4 if start else 0 : len(inside) // 4 * 4 - 4].lower()
