"""Documents drawn as PDF by typst: one file that is PDF/A-2a and PDF/UA-1 at once.

The pages' forms are `receipt.typ` and `statement.typ`; what they print goes in as JSON through `sys_inputs`.
Only the fonts in `fonts/` are used, so a document gives the same bytes on every machine.
"""

import functools
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from app.kernel.errors import SmallFavorError
from app.receipts.printable import clean, is_right_to_left, without_symbols

if TYPE_CHECKING:
    from typst import Compiler

FONTS = Path(__file__).parent / "fonts"
TEMPLATES = Path(__file__).parent
Printed = dict[str, object]


class Form(StrEnum):
    """Which page is drawn: the template's name."""

    receipt = "receipt"
    """Also of a credit note."""
    statement = "statement"


class ReceiptNotDrawn(SmallFavorError):
    """The newsroom's own words cannot be drawn, for instance in a script no vendored font has."""


def draw(
    print_for: Callable[[str | None], Printed],
    *,
    name: str | None,
    issued_on: date,
    form: Form = Form.receipt,
) -> bytes:
    """Draw a document as PDF; the same one always gives the same bytes.

    A supporter's name is printed whole, or without its symbols, or not at all: never with empty
    boxes, which PDF/A forbids.

    Safe to call from any thread; one document is drawn at a time.
    Args: print_for: what the template prints where the supporter is called so; shapes as the
        template says.
    Raises: ReceiptNotDrawn: see there. RuntimeError: the process was forked after it had drawn one.
    """
    from typst import TypstError  # noqa: PLC0415 (see _compiler)

    refusal = ""
    for attempt in _drawable_names(name):
        try:
            return _compile(form, print_for(attempt), issued_on)
        except TypstError as error:
            refusal = error.message
    raise ReceiptNotDrawn(refusal)


def texts(*lines: str) -> list[dict[str, object]]:
    """Return free texts as the template takes them; empty ones are left out."""
    return [text(line) for line in lines if clean(line)]


def text(line: str) -> dict[str, object]:
    """Return a free text with its direction, as the template takes it."""
    words = clean(line)
    return {"words": words, "rtl": is_right_to_left(words)}


def _drawable_names(name: str | None) -> Iterator[str | None]:
    """Give the name as typed, then without symbols, then none: the first that can be drawn is printed."""
    typed = clean(name or "")
    plain = without_symbols(typed)
    yield from (attempt for attempt in dict.fromkeys((typed, plain)) if attempt)
    yield None


def _compile(form: Form, printed: Printed, issued_on: date) -> bytes:
    midnight = datetime(issued_on.year, issued_on.month, issued_on.day, tzinfo=UTC)
    inputs = {"printed": json.dumps(printed)}
    compiler = _compiler(form)
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


def _compiler(form: Form) -> "Compiler":
    """Return this process's compiler with one template and the fonts loaded.

    Raises: RuntimeError: forked after it was made. Its thread pool stays behind in the parent, and
        the child would wait for it for ever.
    """
    compiler, pid = _loaded_compiler(form)
    if pid != os.getpid():
        raise RuntimeError("draw no receipt before forking: typst's threads do not follow into the child")
    return compiler


@functools.cache
def _loaded_compiler(form: Form) -> "tuple[Compiler, int]":
    # Imported here, because typst costs 40 ms and 7 MB, and most web processes draw nothing.
    from typst import Compiler, Fonts  # noqa: PLC0415

    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    template = TEMPLATES / f"{form}.typ"
    compiler = Compiler(template, root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
    return compiler, os.getpid()
