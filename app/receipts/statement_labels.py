"""The words a yearly statement prints of its own, from the catalogue of the language it is drawn in."""

from dataclasses import dataclass

from app.kernel.catalogues import in_context


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


def statement_labels(language: str) -> StatementLabels:
    """Return the fixed words of a statement."""
    pgettext = in_context(language)
    return StatementLabels(
        heading=pgettext("receipt", "Your support in {year}"),
        title=pgettext("receipt", "Statement of support in {year}"),
        issued_on=pgettext("receipt", "Drawn up on {date}"),
        period=pgettext("receipt", "{first} to {last}"),
        all_in_all=pgettext("receipt", "All in all"),
        given=pgettext("receipt", "Given"),
        back=pgettext("receipt", "Given back"),
        kept=pgettext("receipt", "Kept"),
        person=pgettext("receipt", "Received from"),
        supporter=pgettext("receipt", "Supporter {code}"),
        gifts=pgettext("receipt", "Each gift"),
        gift=pgettext("receipt", "For"),
        on=pgettext("receipt", "Paid on"),
        receipt=pgettext("receipt", "Receipt {number}"),
        went_back=pgettext("receipt", "{amount} of this went back"),
        remark=pgettext(
            "receipt",
            "This statement sums up the receipts it names and takes the place of none of them. What was "
            "given back is taken off the gift it belongs to, even where that happened later; a statement "
            "drawn up anew takes the place of an earlier one.",
        ),
        issued_by=pgettext("receipt", "Issued by"),
        records=pgettext("receipt", "For your records"),
        page=pgettext("receipt", "Page {page} of {pages}"),
    )
