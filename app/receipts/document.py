"""What receipts and credit notes print alike."""

from dataclasses import asdict, dataclass
from datetime import date

from app.kernel.formatting import format_day
from app.receipts.drawing import Printed, text, texts
from app.receipts.labels import Labels
from app.receipts.printable import clean
from app.receipts.words import SPELLED, amount_in_words, format_amount


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every document of ours bears: who gives it, and to whom."""

    language: str
    entity_name: str
    entity_address: tuple[str, ...]
    entity_registration: str
    newsroom_name: str
    supporter_name: str | None
    """None: the supporter's public code stands alone."""
    supporter_code: str


@dataclass(frozen=True, kw_only=True)
class Document(Paper):
    """A numbered document, frozen; amounts in minor units, dates in the newsroom's time zone."""

    number: str
    issued_on: date
    amount_minor: int
    currency: str
    purpose: str


def letterhead(paper: Paper) -> Printed:
    """Return what the template prints of whoever gives a document."""
    return {
        "language": paper.language,
        "newsroom_name": text(paper.newsroom_name),
        "entity_name": text(paper.entity_name),
        "entity_lines": texts(*paper.entity_address, paper.entity_registration),
    }


def frame(document: Document, labels: Labels) -> Printed:
    """Return what the template prints of any document. Raises: ValueError: a negative amount."""
    language, number = document.language, clean(document.number)
    can_spell = language in SPELLED
    words = amount_in_words(document.amount_minor, document.currency, language) if can_spell else ""
    return {
        **letterhead(document),
        "labels": asdict(labels),
        "title": labels.title.format(number=number),
        "number": number,
        "issued_on": labels.issued_on.format(date=format_day(document.issued_on, language)),
        "amount": format_amount(document.amount_minor, document.currency, language),
        "amount_in_words": words[:1].upper() + words[1:],
        "purpose": text(document.purpose),
    }


def details(
    document: Document, labels: Labels, name: str | None, *, means: str, reference: str
) -> list[dict[str, object]]:
    """Return who it is about, by what means, and under which reference; empty ones are left out."""
    rows = {
        labels.person: texts(name or "", labels.supporter.format(code=document.supporter_code)),
        labels.means: texts(means),
        labels.reference: texts(reference),
    }
    return [{"label": label, "lines": lines} for label, lines in rows.items() if lines]
