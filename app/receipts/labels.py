"""The words a receipt or credit note prints of its own, from the catalogue of the language it is drawn in.

Their context there is `receipt`; braces hold what is filled in.
"""

from dataclasses import dataclass, replace

from app.kernel.catalogues import has_catalogue, in_context
from app.receipts.models import NoteKind


@dataclass(frozen=True, slots=True)
class Labels:
    """The fixed words of one language."""

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


def receipt_labels(language: str) -> Labels:
    """Return the fixed words of a receipt."""
    pgettext = in_context(language)
    return Labels(
        heading=pgettext("receipt", "Receipt"),
        title=pgettext("receipt", "Receipt {number}"),
        issued_on=pgettext("receipt", "Issued on {date}"),
        purpose=pgettext("receipt", "For"),
        on=pgettext("receipt", "Paid on"),
        amount=pgettext("receipt", "Amount"),
        person=pgettext("receipt", "Received from"),
        supporter=pgettext("receipt", "Supporter {code}"),
        means=pgettext("receipt", "Paid with"),
        reference=pgettext("receipt", "Payment reference"),
        aftermath=pgettext("receipt", "What became of this payment"),
        event=pgettext("receipt", "What happened"),
        day=pgettext("receipt", "Date"),
        issued_by=pgettext("receipt", "Issued by"),
        records=pgettext("receipt", "For your records"),
        page=pgettext("receipt", "Page {page} of {pages}"),
    )


def credit_note_labels(language: str) -> Labels:
    """Return the fixed words of a credit note."""
    pgettext = in_context(language)
    return replace(
        receipt_labels(language),
        heading=pgettext("receipt", "Credit note"),
        title=pgettext("receipt", "Credit note {number}"),
        purpose=pgettext("receipt", "Given back of"),
        on=pgettext("receipt", "Given back on"),
        person=pgettext("receipt", "Given back to"),
        means=pgettext("receipt", "Answers receipt"),
        reference=pgettext("receipt", "Refund reference"),
    )


def belongs_to(language: str, *, receipt: str, date: str) -> str:
    """Return what a credit note says of its receipt."""
    pgettext = in_context(language)
    said = pgettext(
        "receipt",
        "This credit note belongs to receipt {receipt} of {date}. Please keep both: together they show "
        "what was given and what was given back.",
    )
    return said.format(receipt=receipt, date=date)


def became(language: str, kind: NoteKind) -> str:
    """Return what a receipt says of what became of its payment."""
    pgettext = in_context(language)
    said = {
        NoteKind.disputed: pgettext("receipt", "Taken back by the payer’s bank, which disputes the payment"),
        NoteKind.dispute_won: pgettext("receipt", "Returned by the bank: the payment stands"),
        NoteKind.dispute_lost: pgettext("receipt", "The bank has decided: the payment stays taken back"),
        NoteKind.debit_returned: pgettext("receipt", "The bank debit was returned: the payment is undone"),
        NoteKind.refund_failed: pgettext(
            "receipt", "The refund did not arrive: its credit note no longer holds"
        ),
    }
    return said[kind]


def given_back(language: str, *, number: str) -> str:
    """Return what a receipt says of a refund."""
    pgettext = in_context(language)
    return pgettext("receipt", "Given back: credit note {number}").format(number=number)


def drawn_in(language: str) -> str:
    """Return the language a document is drawn in: its own, or English where it has no catalogue."""
    return language if has_catalogue(language) else "en"


def refuse_undrawable(language: str) -> None:
    """See that there are words in a document's language. Raises: ValueError: it has no catalogue."""
    if drawn_in(language) != language:
        raise ValueError(f"no catalogue of words in {language!r}")
