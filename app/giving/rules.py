"""What may be promised: the amount within the newsroom's bounds, the name as a name."""

import re
import unicodedata

from app.giving.forms import LONGEST_NAME, LONGEST_NOTE
from app.kernel.errors import BadInput
from app.kernel.intervals import Interval
from app.kernel.money import Money
from config.newsroom import Newsroom

_JOINERS = "\u200c\u200d"
"""Invisible, yet part of the spelling of Persian names and of emoji."""


class AmountTooSmall(BadInput):
    """Less than the newsroom takes; `least` is the bound."""

    def __init__(self, least: Money) -> None:
        super().__init__(f"at least {least.plain()} {least.currency}")
        self.least = least


class AmountTooLarge(BadInput):
    """More than the newsroom takes; `most` is the bound."""

    def __init__(self, most: Money) -> None:
        super().__init__(f"at most {most.plain()} {most.currency}")
        self.most = most


class NameTooLong(BadInput):
    """Longer than LONGEST_NAME characters."""


class NoteTooLong(BadInput):
    """Longer than LONGEST_NOTE characters."""


def check_bounds(newsroom: Newsroom, amount: Money, interval: Interval) -> Money:
    """Return the amount, one the newsroom takes. Raises: AmountTooSmall; AmountTooLarge."""
    least, most = newsroom.least(amount.currency, interval), newsroom.most(amount.currency)
    if amount < least:
        raise AmountTooSmall(least)
    if most < amount:
        raise AmountTooLarge(most)
    return amount


def check_name(text: str) -> str | None:
    """Return a name as it will be printed, None where there is none. Raises: NameTooLong."""
    name = tidy_line(text)
    if len(name) > LONGEST_NAME:
        raise NameTooLong
    return name or None


def check_note(text: str) -> str | None:
    """Return a dedication or message as staff will read it, None where there is none. Raises: NoteTooLong."""
    note = tidy_lines(text)
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    return note or None


def tidy_lines(text: str) -> str:
    """Return typed text as lines, each of them tidy; at most one of two is empty."""
    lines = [tidy_line(line) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def tidy_line(text: str) -> str:
    """Return typed text as one line: no control, direction-override or other unseen character.

    Composed to NFC, so that a name is as long as it looks.
    """
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in text
        if character in _JOINERS or unicodedata.category(character) not in ("Cf", "Cs", "Co")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())
