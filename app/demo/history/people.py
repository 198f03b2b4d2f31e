"""The demo's readers: invented people whose addresses lead nowhere."""

from dataclasses import dataclass

from app.kernel.intervals import Interval
from app.kernel.money import Money

_LATIN = (
    ("Ada", "Ben", "Chidi", "Zoë", "José", "Hanna", "Søren", "Łukasz", "Mei-Ling", "Ólafur", "Priya"),
    ("Lindqvist", "Okafor", "van den Berg", "Álvarez Núñez", "Köhler", "Østergård", "Wiśniewska", "Chow"),
)
_CYRILLIC = (
    ("Мария", "Анна", "Ольга", "Елена", "Ирина"),
    ("Соколова", "Ковальчук", "Литвинова-Берг"),
)
_ARABIC = (("ليلى", "نور", "مريم"), ("حداد", "الخطيب", "منصور"))
_ROUND = (_LATIN, _LATIN, _CYRILLIC, _LATIN, None, _LATIN, _CYRILLIC, _ARABIC, _LATIN, _LATIN, None)
"""How names come: one in eleven is Arabic, two are not given, and so on."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One person, and what they promise on the form."""

    address: str
    name: str | None
    language: str
    amount: Money
    interval: Interval
    campaign: str | None
    card: str


def name_of(number: int) -> str | None:
    """Return the name that the reader with this number gives, None for one who gives none."""
    kind = _ROUND[number % len(_ROUND)]
    if kind is None:
        return None
    given, family = kind
    return f"{given[number % len(given)]} {family[(number * 5 + number // 7) % len(family)]}"


def language_of(number: int) -> str:
    """Return the language that the reader with this number would read."""
    return "ru" if _ROUND[number % len(_ROUND)] is _CYRILLIC else "en"
