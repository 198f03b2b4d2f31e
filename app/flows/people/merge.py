"""Making one record of two that are one person, and two of one again where that was a mistake.

What goes on at Stripe moves: customers, subscriptions, what was paid, the facts of memberships, mail that
waits, and the time that gifts gave. What is frozen or sealed stays with the record it was made for and is
read together with the kept one: receipts, credit notes, the books, what was written with a pledge, the
codes of gifts. So no document changes, and nothing that Stripe tells later can tear the two apart.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.billing.doubled import list_charged
from app.billing.models import Customer, Payment, Subscription
from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.people.erase import MemberUnknown
from app.gifts.models import GiftPeriod
from app.kernel.errors import SmallFavorError
from app.members import merging
from app.members.models import Member, MembershipFact, Merge
from app.members.queries import find_by_code
from app.outbox import choices
from app.outbox.models import MailKind, MailTopic, QueuedMail
from app.projection.context import Context
from app.projection.doubled import tell_of_doubled
from app.receipts.queries import list_receipts
from app.signing_in.requests import withdraw
from app.signing_in.sessions import end_all_sessions

log = structlog.get_logger()

Movable = (
    type[Customer]
    | type[Subscription]
    | type[Payment]
    | type[MembershipFact]
    | type[GiftPeriod]
    | type[QueuedMail]
)
MOVED: Final[tuple[Movable, ...]] = (
    Customer,
    Subscription,
    Payment,
    MembershipFact,
    GiftPeriod,
    QueuedMail,
)
CONTESTED: Final = "contested_addresses"
REFUSALS: Final = "outbox_refusals"


class MergeRefused(SmallFavorError):
    """Two records cannot be made one, or one cannot be made two again; `why` says why."""

    def __init__(self, why: merging.WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a merge, or undoing it, will do: codes, ids of Stripe's, and how many rows of each table."""

    kept_code: str
    merged_code: str
    moves: dict[str, int]
    receipts: int
    """How many stay as they are, with the code they were given out with."""
    charged: list[str]
    """The subscriptions that the kept record will be charged for; more than one is one too many."""


def plan_merge(parts: Parts, kept_code: str, merged_code: str) -> Plan:
    """Return what merging would do; changes nothing. Raises: MemberUnknown, MergeRefused."""
    with reading(parts.sessions) as session:
        kept, merged = _find_both(session, kept_code, merged_code)
        both = [*list_charged(session, kept.id), *list_charged(session, merged.id)]
        return Plan(
            kept_code=kept.code,
            merged_code=merged.code,
            moves=_count({model.__tablename__: _keys_of(session, model, merged.id) for model in MOVED}),
            receipts=len(list_receipts(session, merging.list_ids(session, merged.id))),
            charged=[one.stripe_subscription_id for one in both],
        )


def merge(parts: Parts, kept_code: str, merged_code: str, *, merged_by: UUID | None, now: datetime) -> None:
    """Make one record of two, in one transaction; whoever was signed in as either signs in anew.

    Args: merged_by: the account of staff; None by a command. Raises: MemberUnknown, MergeRefused.
    """
    with transaction(parts.sessions) as session:
        kept, merged = _find_both(session, kept_code, merged_code)
        _lock(session, kept, merged)
        one = merging.add_merge(session, kept.id, merged.id, merged_by=merged_by, now=now)
        for model in MOVED:
            keys = _keys_of(session, model, merged.id)
            _give(session, model, keys, to=kept.id)
            merging.note_moves(session, one, model.__tablename__, keys)
        _settle_contested(session, one)
        _join_refusals(session, one, now=now)
        _sign_out(session, kept, merged)
        session.flush()
        _date_joining(session, kept, since=merged.joined_at)
        _tell_of_doubled(session, parts, kept.id, now=now)
    log.info("member.merged", merge_id=str(one.id), kept_id=str(one.kept_id), merged_id=str(one.merged_id))


def _find_both(session: Session, kept_code: str, merged_code: str) -> tuple[Member, Member]:
    kept, merged = (_find(session, code) for code in (kept_code, merged_code))
    if why := merging.why_not_merge(kept, merged):
        raise MergeRefused(why)
    return kept, merged


def _find(session: Session, code: str) -> Member:
    """Return the record that a code leads to."""
    found = find_by_code(session, code.upper())
    if found is None:
        raise MemberUnknown(code)
    return session.get_one(Member, merging.resolve(session, found.id))


def _lock(session: Session, *members: Member) -> None:
    """Wait for projections that are adding rows to either, which hold a share of its member's row.

    Raises: MergeRefused: one was merged or erased meanwhile.
    """
    theirs = sa.select(Member).where(Member.id.in_([one.id for one in members])).order_by(Member.id)
    session.scalars(theirs.with_for_update().execution_options(populate_existing=True)).all()
    if any(merging.find_merge(session, one.id) for one in members):
        raise MergeRefused(merging.WhyNot.same)
    if any(one.erased_at for one in members):
        raise MergeRefused(merging.WhyNot.erased)


def _keys_of(session: Session, model: Movable, member_id: UUID) -> list[UUID]:
    theirs = sa.select(model.id).where(model.member_id == member_id)
    if model is QueuedMail:
        waits = QueuedMail.sent_at.is_(None), QueuedMail.dropped_at.is_(None)
        theirs = theirs.where(*waits, QueuedMail.kind != MailKind.sign_in)
    return list(session.scalars(theirs.order_by(model.id)))


def _give(session: Session, model: Movable, keys: list[UUID], *, to: UUID) -> None:
    session.execute(sa.update(model).where(model.id.in_(keys)).values(member_id=to))


def _settle_contested(session: Session, one: Merge) -> None:
    """An address that Stripe showed on the other's customer is contested no more: it is their own."""
    pair = (one.kept_id, one.merged_id)
    contested = sa.select(Customer).where(
        Customer.member_id == one.kept_id, Customer.address_of_member_id.in_(pair)
    )
    customers = session.scalars(contested).all()
    merging.note_moves(session, one, CONTESTED, [customer.id for customer in customers])
    for customer in customers:
        customer.address_of_member_id = None


def _join_refusals(session: Session, one: Merge, *, now: datetime) -> None:
    """What the person turned off under either record stays off."""
    known = choices.list_refused(session, one.kept_id)
    further = [topic for topic in choices.list_refused(session, one.merged_id) if topic not in known]
    for topic in further:
        choices.refuse(session, one.kept_id, topic, now=now)
    merging.note_moves(session, one, REFUSALS, further)


def _sign_out(session: Session, *members: Member) -> None:
    for member in members:
        end_all_sessions(session, member.id)
        withdraw(session, member.id)


def _date_joining(session: Session, member: Member, *, since: datetime) -> None:
    """Let a member have joined with the first payment that is theirs, or the first gift they claimed."""
    paid = sa.select(sa.func.min(Payment.paid_at)).where(Payment.member_id == member.id)
    claimed = sa.select(sa.func.min(GiftPeriod.claimed_at)).where(GiftPeriod.member_id == member.id)
    firsts = [first for first in (session.scalar(paid), session.scalar(claimed)) if first]
    member.joined_at = min(firsts, default=min(member.joined_at, since))


def _tell_of_doubled(session: Session, parts: Parts, member_id: UUID, *, now: datetime) -> None:
    """Put two subscriptions that one person turns out to be charged for before them; staff see them, too."""
    context = Context(now=now, newsroom=parts.newsroom, vault=parts.vault)
    for charged in list_charged(session, member_id):
        tell_of_doubled(session, charged.stripe_subscription_id, member_id, context)


def plan_unmerge(parts: Parts, merged_code: str) -> Plan:
    """Return what undoing a merge would do; changes nothing. Raises: MemberUnknown, MergeRefused."""
    with reading(parts.sessions) as session:
        one = _find_standing(session, merged_code)
        kept, merged = session.get_one(Member, one.kept_id), session.get_one(Member, one.merged_id)
        return Plan(
            kept_code=kept.code,
            merged_code=merged.code,
            moves=_count(_keys_back(session, one)),
            receipts=len(list_receipts(session, [merged.id])),
            charged=[charged.stripe_subscription_id for charged in list_charged(session, kept.id)],
        )


def unmerge(parts: Parts, merged_code: str, *, undone_by: UUID | None, now: datetime) -> None:
    """Give back what a merge moved, and what went on with it since; what was paid meanwhile stays.

    Its receipts were given to the kept record and are frozen. Raises: MemberUnknown, MergeRefused.
    """
    with transaction(parts.sessions) as session:
        one = _find_standing(session, merged_code)
        kept, merged = session.get_one(Member, one.kept_id), session.get_one(Member, one.merged_id)
        _lock(session, kept)
        back = _keys_back(session, one)
        one.undone_at, one.undone_by = now, undone_by
        for model in MOVED:
            _give(session, model, back[model.__tablename__], to=merged.id)
        _contest_again(session, one)
        for topic in merging.list_moves(session, one, REFUSALS):
            choices.want(session, kept.id, MailTopic(topic))
        _sign_out(session, kept, merged)
        session.flush()
        _date_joining(session, kept, since=kept.joined_at)
    log.info("member.unmerged", merge_id=str(one.id), kept_id=str(one.kept_id), merged_id=str(one.merged_id))


def _find_standing(session: Session, merged_code: str) -> Merge:
    merged = find_by_code(session, merged_code.upper())
    if merged is None:
        raise MemberUnknown(merged_code)
    one = merging.find_merge(session, merged.id)
    if why := merging.why_not_undo(session, one):
        raise MergeRefused(why)
    assert one is not None  # noqa: S101 (why_not_undo says so)
    return one


def _keys_back(session: Session, one: Merge) -> dict[str, list[UUID]]:
    """Return which rows go back, by their tables: those that moved, and later ones of a moved customer."""
    back = {
        model.__tablename__: [UUID(key) for key in merging.list_moves(session, one, model.__tablename__)]
        for model in MOVED
    }
    customers = sa.select(Customer.stripe_customer_id).where(Customer.id.in_(back[Customer.__tablename__]))
    theirs = Subscription.stripe_customer_id.in_(customers)
    back[Subscription.__tablename__] = list(session.scalars(sa.select(Subscription.id).where(theirs)))
    subscriptions = sa.select(Subscription.stripe_subscription_id).where(theirs)
    facts = sa.select(MembershipFact.id).where(MembershipFact.stripe_subscription_id.in_(subscriptions))
    back[MembershipFact.__tablename__] = list(session.scalars(facts))
    return back


def _contest_again(session: Session, one: Merge) -> None:
    keys = [UUID(key) for key in merging.list_moves(session, one, CONTESTED)]
    for customer in session.scalars(sa.select(Customer).where(Customer.id.in_(keys))):
        is_kept = customer.member_id == one.kept_id
        customer.address_of_member_id = one.merged_id if is_kept else one.kept_id


def _count(keys: dict[str, list[UUID]]) -> dict[str, int]:
    return {table: len(found) for table, found in keys.items() if found}
