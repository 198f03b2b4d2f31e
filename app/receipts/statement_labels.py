"""The words a yearly statement prints of its own, in each language it can be drawn in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementLabels:
    """The fixed words of one language; braces hold what is filled in."""

    heading: str
    title: str
    issued_on: str
    period: str
    all_in_all: str
    given: str
    back: str
    kept: str
    person: str
    supporter: str
    gifts: str
    gift: str
    on: str
    receipt: str
    went_back: str
    remark: str
    issued_by: str
    records: str
    page: str


STATEMENT_LABELS: Mapping[str, StatementLabels] = {
    "en": StatementLabels(
        heading="Your support in {year}",
        title="Statement of support in {year}",
        issued_on="Drawn up on {date}",
        period="{first} to {last}",
        all_in_all="All in all",
        given="Given",
        back="Given back",
        kept="Kept",
        person="Received from",
        supporter="Supporter {code}",
        gifts="Each gift",
        gift="For",
        on="Paid on",
        receipt="Receipt {number}",
        went_back="{amount} of this went back",
        remark="This statement sums up the receipts it names and takes the place of none of them. What was "
        "given back is taken off the gift it belongs to, even where that happened later; a statement "
        "drawn up anew takes the place of an earlier one.",
        issued_by="Issued by",
        records="For your records",
        page="Page {page} of {pages}",
    ),
    "ru": StatementLabels(
        heading="Ваша поддержка за {year} год",
        title="Сводка о поддержке за {year} год",
        issued_on="Составлена {date}",
        period="{first} — {last}",
        all_in_all="Итого",
        given="Получено",
        back="Возвращено",
        kept="Осталось",
        person="Получено от",
        supporter="Жертвователь {code}",
        gifts="Все платежи",
        gift="Назначение",
        on="Дата платежа",
        receipt="Квитанция № {number}",
        went_back="Из них возвращено {amount}",
        remark="Сводка подытоживает перечисленные квитанции и не заменяет ни одной из них. Возвращённое "
        "вычитается из того платежа, к которому относится, даже если возврат был позже; составленная "
        "заново сводка заменяет прежнюю.",
        issued_by="Кем выдана",
        records="К сведению",
        page="Страница {page} из {pages}",
    ),
}
