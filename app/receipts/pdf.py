"""Receipts drawn as PDF by typst: one file that is PDF/A-2a and PDF/UA-1 at once.

The page's form is `receipt.typ`; what it prints goes in as JSON through `sys_inputs`. Only the
fonts in `fonts/` are used, so a document gives the same bytes on every machine.
"""

import functools
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.kernel.errors import SmallFavorError
from app.kernel.formatting import format_day
from app.receipts.labels import LABELS
from app.receipts.printable import clean, is_right_to_left, without_symbols
from app.receipts.words import amount_in_words, format_amount

if TYPE_CHECKING:
    from typst import Compiler

FONTS = Path(__file__).parent / "fonts"
TEMPLATE = Path(__file__).parent / "receipt.typ"


@dataclass(frozen=True, kw_only=True)
class ReceiptDocument:
    """All that one receipt prints, frozen; amounts in minor units, dates in the newsroom's time zone."""

    number: str
    issued_on: date
    paid_on: date
    language: str
    entity_name: str
    entity_address: tuple[str, ...]
    entity_registration: str
    newsroom_name: str
    tax_wording: str
    goods_wording: str
    supporter_name: str | None
    """None: the supporter's public code stands alone."""
    supporter_code: str
    amount_minor: int
    currency: str
    purpose: str
    payment_method: str | None
    payment_reference: str


class ReceiptNotDrawn(SmallFavorError):
    """The newsroom's own words cannot be drawn, for instance in a script no vendored font has."""


def render_receipt(document: ReceiptDocument) -> bytes:
    """Draw a receipt as PDF; the same document always gives the same bytes.

    A supporter's name is printed whole, or without its symbols, or not at all: never with empty
    boxes, which PDF/A forbids.

    Safe to call from any thread; one receipt is drawn at a time.
    Raises: ReceiptNotDrawn: see there. ValueError: no labels in the document's language, or a
        negative amount. RuntimeError: the process was forked after it had drawn one.
    """
    from typst import TypstError  # noqa: PLC0415 (see _compiler)

    refusal = ""
    for name in _drawable_names(document.supporter_name):
        try:
            return _compile(replace(document, supporter_name=name))
        except TypstError as error:
            refusal = error.message
    raise ReceiptNotDrawn(refusal)


def _drawable_names(name: str | None) -> Iterator[str | None]:
    """Give the name as typed, then without symbols, then none: the first that can be drawn is printed."""
    typed = clean(name or "")
    plain = without_symbols(typed)
    yield from (attempt for attempt in dict.fromkeys((typed, plain)) if attempt)
    yield None


def _compile(document: ReceiptDocument) -> bytes:
    midnight = datetime(document.issued_on.year, document.issued_on.month, document.issued_on.day, tzinfo=UTC)
    inputs = {"receipt": json.dumps(_printed(document))}
    compiler = _compiler()
    with _one_at_a_time:
        pdf = compiler.compile(
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(midnight.timestamp()),
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gives the PDF as bytes")
    return pdf


_one_at_a_time = threading.Lock()
"""A typst compiler is borrowed while it works: a second thread's call would fail, not wait."""


def _compiler() -> "Compiler":
    """Return this process's compiler with the template and fonts loaded.

    Raises: RuntimeError: forked after it was made. Its thread pool stays behind in the parent, and
        the child would wait for it for ever.
    """
    compiler, pid = _loaded_compiler()
    if pid != os.getpid():
        raise RuntimeError("draw no receipt before forking: typst's threads do not follow into the child")
    return compiler


@functools.cache
def _loaded_compiler() -> "tuple[Compiler, int]":
    # Imported here, because typst costs 40 ms and 7 MB, and most web processes draw nothing.
    from typst import Compiler, Fonts  # noqa: PLC0415

    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    compiler = Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True)
    return compiler, os.getpid()


def _printed(document: ReceiptDocument) -> dict[str, object]:
    """Return what the template prints, in the document's language; shapes as `receipt.typ` says."""
    if document.language not in LABELS:
        raise ValueError(f"no receipt labels in {document.language!r}")
    language, labels = document.language, LABELS[document.language]
    words = amount_in_words(document.amount_minor, document.currency, language)
    entity_lines = (*document.entity_address, document.entity_registration)
    number = clean(document.number)
    return {
        "language": language,
        "labels": asdict(labels),
        "title": labels.title.format(number=number),
        "number": number,
        "issued_on": labels.issued_on.format(date=format_day(document.issued_on, language)),
        "paid_on": format_day(document.paid_on, language),
        "newsroom_name": _text(document.newsroom_name),
        "amount": format_amount(document.amount_minor, document.currency, language),
        "amount_in_words": words[:1].upper() + words[1:],
        "purpose": _text(document.purpose),
        "details": _details(document),
        "entity_name": _text(document.entity_name),
        "entity_lines": _texts(*entity_lines),
        "wordings": _texts(*document.tax_wording.splitlines(), document.goods_wording),
    }


def _details(document: ReceiptDocument) -> list[dict[str, object]]:
    labels = LABELS[document.language]
    supporter = (document.supporter_name or "", labels.supporter.format(code=document.supporter_code))
    rows = {
        labels.received_from: _texts(*supporter),
        labels.payment_method: _texts(document.payment_method or ""),
        labels.payment_reference: _texts(document.payment_reference),
    }
    return [{"label": label, "lines": lines} for label, lines in rows.items() if lines]


def _texts(*lines: str) -> list[dict[str, object]]:
    return [_text(line) for line in lines if clean(line)]


def _text(line: str) -> dict[str, object]:
    words = clean(line)
    return {"words": words, "rtl": is_right_to_left(words)}
