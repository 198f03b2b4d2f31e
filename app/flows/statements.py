"""Yearly statements for members: which years there are, and each as PDF."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import reading
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.kernel.errors import SmallFavorError
from app.members.merging import list_ids
from app.members.models import Member
from app.receipts.labels import drawn_in
from app.receipts.statement_pdf import StatementDocument, render_statement
from app.receipts.statements import YearlyTotal, days_of, list_gifts, list_years, name_of, totals


class NothingGiven(SmallFavorError):
    """The member has no receipt of this year."""


@dataclass(frozen=True, kw_only=True)
class StatementYear:
    """One year a statement can be had of; `name` is `2026` or `2026/27`."""

    year: int
    name: str
    totals: list[YearlyTotal]
    under_way: bool
    """The year is not over: more may come."""


@dataclass(frozen=True, kw_only=True)
class StatementFile:
    """A statement as it is handed out."""

    name: str
    pdf: bytes

    @property
    def file_name(self) -> str:
        """The name under which it is saved."""
        return f"statement-{self.name.replace('/', '-')}.pdf"


def list_statement_years(
    session: Session, member_id: UUID, parts: Parts, *, now: datetime
) -> list[StatementYear]:
    """Return the years of which a member can have a statement, newest first; the same few queries for all."""
    month = parts.newsroom.statement.first_month
    theirs = list_ids(session, member_id)
    years = list_years(session, theirs, first_month=month)
    if not years:
        return []
    first, _ = days_of(years[-1], first_month=month)
    _, last = days_of(years[0], first_month=month)
    gifts = list_gifts(session, theirs, first, last)
    today = local_date(now, parts.newsroom.zone)
    found = []
    for year in years:
        first, last = days_of(year, first_month=month)
        of_the_year = [gift for gift in gifts if first <= gift.paid_on <= last]
        found.append(
            StatementYear(
                year=year,
                name=name_of(year, first_month=month),
                totals=totals(of_the_year),
                under_way=today <= last,
            )
        )
    return found


def draw_statement(
    parts: Parts, member_id: UUID, year: int, *, language: str, now: datetime
) -> StatementFile:
    """Return a member's statement of one year. Raises: NothingGiven."""
    with reading(parts.sessions) as session:
        document = _document(session, parts, member_id, year, language=language, now=now)
    return StatementFile(name=document.year, pdf=render_statement(document))


def _document(
    session: Session, parts: Parts, member_id: UUID, year: int, *, language: str, now: datetime
) -> StatementDocument:
    newsroom, member = parts.newsroom, session.get_one(Member, member_id)
    month = newsroom.statement.first_month
    first, last = days_of(year, first_month=month)
    gifts = list_gifts(session, list_ids(session, member_id), first, last)
    if not gifts:
        raise NothingGiven(str(year))
    person = parts.vault.find_person(session, member.person_id) if member.person_id else None
    drawn = drawn_in(language)
    return StatementDocument(
        year=name_of(year, first_month=month),
        first=first,
        last=last,
        drawn_up_on=local_date(now, newsroom.zone),
        language=drawn,
        entity_name=newsroom.legal_entity.name,
        entity_address=tuple(newsroom.legal_entity.address),
        entity_registration=newsroom.legal_entity.registration,
        newsroom_name=newsroom.name,
        supporter_name=person.name if person else None,
        supporter_code=member.code,
        gifts=gifts,
        totals=totals(gifts),
        tax_wording=newsroom.receipt.tax_wording.get(drawn, ""),
    )
