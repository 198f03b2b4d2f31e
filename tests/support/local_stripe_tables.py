"""The tables of the local Stripe's reference page: `python -m tests.support.local_stripe_tables` renews them.

Each stands on the page between `<!-- name -->` and `<!-- end of name -->`; a test compares it with the code.
"""

from collections.abc import Callable
from pathlib import Path

from app.simulator.engine.cards import CARDS
from app.simulator.engine.sepa import BY_NAME, KINDS
from app.simulator.http.faults import KINDS as FAULTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "local-stripe.md"


def cards() -> list[str]:
    """The test cards: number, what becomes of it, names."""
    rows = [f"| `{one.number}` | {one.about} | {_names(one.names)} |" for one in CARDS]
    return ["| number | what becomes of it | names |", "| --- | --- | --- |", *rows]


def accounts() -> list[str]:
    """The German test accounts for SEPA debit."""
    rows = [f"| `{BY_NAME[f'pm_{kind}_de'].iban}` | `pm_{kind}_de` |" for kind in KINDS]
    return ["| IBAN | name, and what becomes of it |", "| --- | --- |", *rows]


def faults() -> list[str]:
    """The kinds of faults of the API."""
    return [
        "| kind | what it does |",
        "| --- | --- |",
        *(f"| `{kind}` | {what} |" for kind, what in FAULTS.items()),
    ]


TABLES: dict[str, Callable[[], list[str]]] = {
    "cards": cards,
    "accounts": accounts,
    "faults": faults,
}


def renewed(text: str) -> str:
    """The page with every table as the code has it."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        after = rest.partition(end)[2]
        text = "\n".join([f"{before}{start}", "", *table(), "", f"{end}{after}"])
    return text


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`pm_card_{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
