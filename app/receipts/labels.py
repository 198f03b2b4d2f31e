"""The words a receipt prints of its own, in each language it can be drawn in.

They stand here and not in the web's catalogues, because the page is drawn by typst, without Jinja.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """The fixed words of one language; braces hold what is filled in."""

    receipt: str
    title: str
    issued_on: str
    purpose: str
    paid_on: str
    amount: str
    received_from: str
    supporter: str
    payment_method: str
    payment_reference: str
    issued_by: str
    tax_and_goods: str
    page: str


LABELS: Mapping[str, Labels] = {
    "en": Labels(
        receipt="Receipt",
        title="Receipt {number}",
        issued_on="Issued on {date}",
        purpose="For",
        paid_on="Paid on",
        amount="Amount",
        received_from="Received from",
        supporter="Supporter {code}",
        payment_method="Paid with",
        payment_reference="Payment reference",
        issued_by="Issued by",
        tax_and_goods="For your records",
        page="Page {page} of {pages}",
    ),
    "ru": Labels(
        receipt="Квитанция",
        title="Квитанция № {number}",
        issued_on="Выдана {date}",
        purpose="Назначение",
        paid_on="Дата платежа",
        amount="Сумма",
        received_from="Получено от",
        supporter="Жертвователь {code}",
        payment_method="Способ оплаты",
        payment_reference="Номер платежа",
        issued_by="Кем выдана",
        tax_and_goods="К сведению",
        page="Страница {page} из {pages}",
    ),
}


def drawn_in(language: str) -> str:
    """Return the language a receipt is drawn in: its own, or English where labels are missing."""
    return language if language in LABELS else "en"
