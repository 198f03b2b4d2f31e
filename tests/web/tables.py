"""What the desk's tables say, and how rows come into them."""

import re
from collections.abc import Callable
from typing import Any

from tests.support.ledger_rows import Rows

Write = Callable[[Callable[[Rows], Any]], Any]


def rows_of(page: str, *, caption: str = "members-caption") -> list[list[str]]:
    """Return the cells of a table's body, row by row, without their markup."""
    table = page.partition(f'id="{caption}"')[2].partition("</table>")[0].partition("<tbody>")[2]
    return [texts_of(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)]


def texts_of(pattern: str, html: str) -> list[str]:
    """Return what a pattern finds, without its markup."""
    return [
        " ".join(re.sub(r"<[^>]+>", "", text).split(" ")).strip() for text in re.findall(pattern, html, re.S)
    ]
