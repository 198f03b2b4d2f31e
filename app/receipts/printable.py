"""What people typed, made fit to print on one line: nothing invisible, nothing that reorders."""

import unicodedata
from itertools import groupby

_JOINERS = "\u200c\u200d"
"""Persian names and emoji of several parts need these two; all other format characters go."""
_MARKS_IN_A_ROW = 3
"""More than any living script stacks; beyond it they climb over the lines above."""


def clean(text: str) -> str:
    """Return the text on one line, composed, without control, private and bidi characters."""
    kept = "".join(char for char in text if char.isspace() or _is_printed(char))
    return _with_few_marks(unicodedata.normalize("NFC", " ".join(kept.split())))


def without_symbols(text: str) -> str:
    """Return clean text without emoji and other symbols: letters, marks, digits, punctuation."""
    return " ".join("".join(filter(_is_of_a_word, text)).split())


def is_right_to_left(text: str) -> bool:
    """Tell whether the first letter with a direction runs from right to left (Unicode's rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def _is_printed(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"}


def _is_of_a_word(char: str) -> bool:
    if "VARIATION SELECTOR" in unicodedata.name(char, ""):
        return False
    category = unicodedata.category(char)
    return char in _JOINERS or (category[0] in "LMNPZ" and category != "Me")


def _with_few_marks(text: str) -> str:
    runs = groupby(text, key=lambda char: unicodedata.category(char) in {"Mn", "Me"})
    return "".join("".join(list(run)[: _MARKS_IN_A_ROW if marks else None]) for marks, run in runs)
