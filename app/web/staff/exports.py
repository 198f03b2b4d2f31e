"""Files that leave the desk: CSV as it is read, XLSX in one piece; no cell is ever a formula."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import xlsxwriter
from defusedcsv import csv
from flask import Response

from app.kernel.currencies import exponent
from app.kernel.money import Money

Kind = Literal["csv", "xlsx"]
Line = Sequence[str]
Batches = Iterable[Sequence[Line]]

_WORKBOOK = {
    "constant_memory": True,
    "in_memory": False,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def send_file(kind: Kind, name: str, header: Line, batches: Batches) -> Response:
    """Return batches of lines as a download; every cell is text.

    Args: name: of the file, without its ending. batches: read as the CSV is sent.
    """
    body = write_csv(header, batches) if kind == "csv" else write_xlsx(header, batches)
    response = Response(body, content_type=_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def write_csv(header: Line, batches: Batches) -> Iterator[str]:
    """Yield the file batch by batch; what a spreadsheet would run is put behind an apostrophe."""
    yield _csv_text([header])
    for lines in batches:
        yield _csv_text(lines)


def write_xlsx(header: Line, batches: Batches) -> bytes:
    """Return the file; every cell is written as a string."""
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, _WORKBOOK)
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = workbook.add_format({"bold": True})
    for column, text in enumerate(header):
        sheet.write_string(0, column, text, bold)
    lines = (line for batch in batches for line in batch)
    for row, line in enumerate(lines, 1):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text)
    workbook.close()
    return target.getvalue()


def plain_amount(money: Money) -> str:
    """Return an amount in main units with all its decimals: `12.00`, `-3.50`, `300`, `0.700`."""
    return f"{money.major:.{exponent(money.currency)}f}"


def _csv_text(lines: Iterable[Line]) -> str:
    target = io.StringIO()
    csv.writer(target).writerows([text.strip() for text in line] for line in lines)
    return target.getvalue()
