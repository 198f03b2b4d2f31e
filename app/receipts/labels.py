"""The words a receipt or credit note prints of its own, in each language it can be drawn in.

They stand here and not in the web's catalogues, because the page is drawn by typst, without Jinja.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.receipts.models import NoteKind


@dataclass(frozen=True, slots=True)
class Labels:
    """The fixed words of one language; braces hold what is filled in."""

    heading: str
    title: str
    issued_on: str
    purpose: str
    on: str
    amount: str
    person: str
    supporter: str
    means: str
    reference: str
    aftermath: str
    event: str
    day: str
    issued_by: str
    records: str
    page: str


LABELS: Mapping[str, Labels] = {
    "en": Labels(
        heading="Receipt",
        title="Receipt {number}",
        issued_on="Issued on {date}",
        purpose="For",
        on="Paid on",
        amount="Amount",
        person="Received from",
        supporter="Supporter {code}",
        means="Paid with",
        reference="Payment reference",
        aftermath="What became of this payment",
        event="What happened",
        day="Date",
        issued_by="Issued by",
        records="For your records",
        page="Page {page} of {pages}",
    ),
    "ru": Labels(
        heading="Квитанция",
        title="Квитанция № {number}",
        issued_on="Выдана {date}",
        purpose="Назначение",
        on="Дата платежа",
        amount="Сумма",
        person="Получено от",
        supporter="Жертвователь {code}",
        means="Способ оплаты",
        reference="Номер платежа",
        aftermath="Что стало с этим платежом",
        event="Событие",
        day="Дата",
        issued_by="Кем выдана",
        records="К сведению",
        page="Страница {page} из {pages}",
    ),
}
CREDIT_NOTE_LABELS: Mapping[str, Labels] = {
    "en": replace(
        LABELS["en"],
        heading="Credit note",
        title="Credit note {number}",
        purpose="Given back of",
        on="Given back on",
        person="Given back to",
        means="Answers receipt",
        reference="Refund reference",
    ),
    "ru": replace(
        LABELS["ru"],
        heading="Кредит-нота",
        title="Кредит-нота № {number}",
        purpose="Возврат платежа",
        on="Дата возврата",
        person="Кому возвращено",
        means="К квитанции",
        reference="Номер возврата",
    ),
}
BELONGS_TO: Mapping[str, str] = {
    "en": "This credit note belongs to receipt {receipt} of {date}. Please keep both: together they show "
    "what was given and what was given back.",
    "ru": "К квитанции №\u00a0{receipt} от {date} выдана эта кредит-нота. Сохраните оба документа: вместе "
    "они показывают, сколько было пожертвовано и сколько возвращено.",
}
"""What a credit note says of its receipt."""
BECAME: Mapping[str, Mapping[NoteKind, str]] = {
    "en": {
        NoteKind.disputed: "Taken back by the payer’s bank, which disputes the payment",
        NoteKind.dispute_won: "Returned by the bank: the payment stands",
        NoteKind.dispute_lost: "The bank has decided: the payment stays taken back",
        NoteKind.debit_returned: "The bank debit was returned: the payment is undone",
        NoteKind.refund_failed: "The refund did not arrive: its credit note no longer holds",
    },
    "ru": {
        NoteKind.disputed: "Банк плательщика оспорил платёж и забрал деньги",
        NoteKind.dispute_won: "Банк вернул деньги: платёж остаётся в силе",
        NoteKind.dispute_lost: "Решение банка: деньги остались у плательщика",
        NoteKind.debit_returned: "Банк отозвал списание: платёж отменён",
        NoteKind.refund_failed: "Возврат не дошёл: кредит-нота больше не действует",
    },
}
"""What a receipt says of what became of its payment."""
GIVEN_BACK: Mapping[str, str] = {
    "en": "Given back: credit note {number}",
    "ru": "Возвращено: кредит-нота №\u00a0{number}",
}


def drawn_in(language: str) -> str:
    """Return the language a document is drawn in: its own, or English where labels are missing."""
    return language if language in LABELS else "en"
