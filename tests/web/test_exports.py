"""Files that leave the desk: right figures, codes and no names, and nothing a spreadsheet would run."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Sessions, transaction
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.web.staff.exports import plain_amount, write_csv, write_xlsx
from tests.support.desk import add_account, sign_in
from tests.support.ledger_rows import Rows

FORMULAS = [
    '=HYPERLINK("https://evil.example/","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "|calc",
    "%0A=1",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
]
MEMBER_HEADER = [
    "member",
    "status",
    "supporter_since",
    "memberships",
    "amount",
    "currency",
    "interval",
    "entitled_until",
    "given_in_all",
    "given_currency",
]


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which Cleo is signed in."""
    add_account(app)
    sign_in(client)
    return client


@pytest.fixture
def codes(parts: Parts, sessions: Sessions) -> list[str]:
    """Ada gives yearly in one currency and gave in two; Ben gave once."""
    with transaction(sessions) as session:
        rows = Rows(session, parts, now=utc_now())
        ada = rows.member("ada.canary@mail.example", name="=Ada Canary")
        subscription = rows.subscription(ada, Money(2400, "eur"), interval=Interval.year)
        payment = rows.payment(
            ada, Money(2400, "eur"), fee_minor=90, paid_at=_month(10), subscription=subscription
        )
        rows.refund(payment, Money(400, "eur"), at=_month(11))
        rows.payment(ada, Money(3000, "jpy"), fee_minor=100, paid_at=_month(11))
        ben = rows.member("ben.canary@mail.example", name="Ben Canary")
        rows.payment(ben, Money(700, "kwd"), fee_minor=20, paid_at=_month(11))
        return [ada.code, ben.code]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_members_leave_by_codes_standings_and_amounts(desk: FlaskClient, codes: list[str], kind: str) -> None:
    ada, ben = codes

    table = _read(desk.get(f"/staff/members/export.{kind}").data, kind)

    assert table == [
        MEMBER_HEADER,
        [ben, "one_off", "2026-11-15", "0", "", "", "", "", "0.700", "kwd"],
        [ada, "active", "2026-11-15", "1", "24.00", "eur", "year", "", "20.00", "eur"],
        [ada, "active", "2026-11-15", "", "", "", "", "", "3000", "jpy"],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_members_leave_by_the_standing_asked_for(desk: FlaskClient, codes: list[str], kind: str) -> None:
    table = _read(desk.get(f"/staff/members/export.{kind}?status=one_off").data, kind)

    assert [row[0] for row in table[1:]] == [codes[1]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_money_leaves_by_month_and_currency(desk: FlaskClient, codes: list[str], kind: str) -> None:
    assert codes

    answer = desk.get(f"/staff/money/export.{kind}?from=2026-10-01&to=2026-11-30")

    assert _read(answer.data, kind) == [
        [*"month currency payments given fees given_back disputes dispute_fees other net".split()],
        ["2026-10", "eur", "1", "24.00", "0.90", *["0.00"] * 4, "23.10"],
        ["2026-11", "eur", "0", "0.00", "0.00", "4.00", *["0.00"] * 3, "-4.00"],
        ["2026-11", "jpy", "1", "3000", "100", *["0"] * 4, "2900"],
        ["2026-11", "kwd", "1", "0.700", "0.020", *["0.000"] * 4, "0.680"],
    ]
    assert f"money-2026-10-01-2026-11-30.{kind}" in answer.headers["Content-Disposition"]


def test_no_name_and_no_address_leaves(desk: FlaskClient, codes: list[str]) -> None:
    assert codes
    for path in ("/staff/members/export", "/staff/money/export"):
        text = desk.get(f"{path}.csv").text
        cells = str(_read(desk.get(f"{path}.xlsx").data, "xlsx"))
        assert "anary" not in text + cells


def test_a_csv_is_sent_as_it_is_read(desk: FlaskClient, parts: Parts, sessions: Sessions) -> None:
    with transaction(sessions) as session:
        rows = Rows(session, parts)
        wanted = [rows.member(f"reader{number}@mail.example").code for number in range(1100)]

    answer = desk.get("/staff/members/export.csv", buffered=False)
    pieces = list(answer.iter_encoded())

    assert answer.is_streamed
    assert len(pieces) == 1 + 3
    assert [row[0] for row in _read(b"".join(pieces), "csv")[1:]] == wanted[::-1]


@pytest.mark.parametrize("payload", FORMULAS)
def test_a_formula_in_a_cell_is_text(payload: str) -> None:
    [[as_csv]] = _read("".join(write_csv([payload], [])).encode(), "csv")
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(["safe"], [[[payload]]])))

    assert as_csv[0] == "'" or as_csv[0].isalnum()
    cell = book.active.cell(2, 1)  # type: ignore[union-attr]
    assert cell.data_type == "s"
    assert cell.hyperlink is None


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(0, "eur"), "0.00"),
        (Money(-350, "eur"), "-3.50"),
        (Money(300, "jpy"), "300"),
        (Money(700, "kwd"), "0.700"),
        (Money(10**15 + 1, "usd"), "10000000000000.01"),
    ],
)
def test_amounts_are_plain_decimals_in_main_units(money: Money, text: str) -> None:
    assert plain_amount(money) == text
    [[cell]] = _read("".join(write_csv([text], [])).encode(), "csv")
    assert cell == text


def _month(month: int) -> datetime:
    return datetime(2026, month, 10, tzinfo=UTC) + timedelta(hours=12)


def _read(data: bytes, kind: str) -> list[list[Any]]:
    if kind == "csv":
        return list(csv.reader(io.StringIO(data.decode())))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
