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
_NOTES = (
    ("word", "Your piece on the three barges is why I am here. Please stay on it."),
    ("memory", "For my grandmother, who read the paper aloud to us every morning."),
    ("word", "Could you write about the tram depot? Everybody here has a story about it."),
    ("honour", "For Hanna, on the day she became a reporter."),
    ("word", "Спасибо, что пишете о том, о чём другие молчат."),
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
    variant: str | None
    """The words of the appeal they came from, where they came from one."""
    note: tuple[str, str] | None
    """What kind of words go with the gift, and the words."""
    covers_fees: bool


def name_of(number: int) -> str | None:
    """Return the name that the reader with this number gives, None for one who gives none."""
    kind = _ROUND[number % len(_ROUND)]
    if kind is None:
        return None
    given, family = kind
    return f"{given[number % len(given)]} {family[(number * 5 + number // 7) % len(family)]}"


def note_of(number: int) -> tuple[str, str] | None:
    """Return the words that the reader with this number sends along; most send none."""
    return _NOTES[number // 4 % len(_NOTES)] if number % 4 == 1 else None


def language_of(number: int) -> str:
    """Return the language that the reader with this number would read."""
    return "ru" if _ROUND[number % len(_ROUND)] is _CYRILLIC else "en"
