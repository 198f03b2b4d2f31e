"""Yearly statements as PDF, on the paper of the receipts they sum up."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from app.kernel.formatting import format_day
from app.kernel.money import Money
from app.receipts.document import Paper, letterhead
from app.receipts.drawing import Form, Printed, draw, text, texts
from app.receipts.labels import refuse_undrawable
from app.receipts.statement_labels import StatementLabels, statement_labels
from app.receipts.statements import YearlyGift, YearlyTotal
from app.receipts.wording import purpose
from app.receipts.words import format_amount


@dataclass(frozen=True, kw_only=True)
class StatementDocument(Paper):
    """All that one yearly statement prints; dates in the newsroom's time zone.

    `year` is as people name it, `2026` or `2026/27`. At least one gift.
    """

    year: str
    first: date
    last: date
    drawn_up_on: date
    gifts: Sequence[YearlyGift]
    totals: Sequence[YearlyTotal]
    tax_wording: str


def render_statement(document: StatementDocument) -> bytes:
    """Draw a statement as PDF; the same document always gives the same bytes.

    Raises: ReceiptNotDrawn: the newsroom's words cannot be drawn. ValueError: no catalogue in the
        document's language. RuntimeError: see `draw`.
    """
    refuse_undrawable(document.language)
    return draw(
        lambda name: _printed(document, name),
        name=document.supporter_name,
        issued_on=document.drawn_up_on,
        form=Form.statement,
    )


def _printed(document: StatementDocument, name: str | None) -> Printed:
    language, labels = document.language, statement_labels(document.language)
    words = asdict(labels) | {"heading": labels.heading.format(year=document.year)}
    first, last = format_day(document.first, language), format_day(document.last, language)
    return {
        **letterhead(document),
        "labels": words,
        "title": labels.title.format(year=document.year),
        "issued_on": labels.issued_on.format(date=format_day(document.drawn_up_on, language)),
        "period": labels.period.format(first=first, last=last),
        "supporter": texts(name or "", labels.supporter.format(code=document.supporter_code)),
        "totals": [_total(total, language) for total in document.totals],
        "gifts": [_gift(gift, labels, language) for gift in document.gifts],
        "wordings": texts(labels.remark, *document.tax_wording.splitlines()),
    }


def _total(total: YearlyTotal, language: str) -> dict[str, str]:
    return {
        "currency": total.given.currency.upper(),
        "given": _sum(total.given, language),
        "back": _sum(total.back, language),
        "kept": _sum(total.kept, language),
    }


def _gift(gift: YearlyGift, labels: StatementLabels, language: str) -> dict[str, object]:
    went_back = labels.went_back.format(amount=_sum(gift.back, language)) if gift.back.minor else None
    return {
        "purpose": text(purpose(gift.interval, gift.period_start_on, gift.period_end_on, language)),
        "number": gift.number,
        "on": format_day(gift.paid_on, language),
        "given": _sum(gift.given, language),
        "kept": _sum(gift.kept, language),
        "back": went_back,
    }


def _sum(money: Money, language: str) -> str:
    return format_amount(money.minor, money.currency, language)
