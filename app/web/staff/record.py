"""One member's record: what was paid, sent and received, and, on a deliberate click, who it is."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import Response, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import url_for_security
from flask_security.utils import check_and_update_authn_fresh
from sqlalchemy.orm import Session

from app.access import parts
from app.billing import queries as billing
from app.billing.doubled import list_charged
from app.billing.models import Dispute, Payment, Refund, Subscription
from app.db import reading
from app.flows.draw import ReceiptFile, ReceiptUnknown, draw_credit_note, draw_receipt
from app.flows.entitlement import entitlement_of
from app.flows.notes import NoteInClear, open_notes
from app.giving.notes import list_notes_of
from app.giving.pledges import list_checkout_ids
from app.inbox.queries import list_events
from app.kernel.clock import utc_now
from app.kernel.money import Money
from app.members.entitlement import Entitlement
from app.members.merging import list_ids, list_merges, resolve
from app.members.models import Member, MembershipFact
from app.members.queries import find_by_code, find_member, list_facts, list_last_facts
from app.receipts.models import Receipt
from app.receipts.queries import list_receipts
from app.reports.money import kept_by_member, net_by_payment
from app.vault.vault import PersonInClear
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.fates import Fate, fates_of, reason_in_words, status_in_words
from app.web.staff.gifts import GiftLine, list_gift_lines
from app.web.staff.happenings import Happening, happenings
from app.web.staff.log import log
from app.web.staff.membership import (
    BY_WHOM,
    MembershipLine,
    entitlement_in_words,
    failure_in_words,
    list_memberships,
)
from app.web.staff.notes import KINDS_IN_WORDS
from app.web.staff.sign_in import FRESH, FRESH_GRACE
from app.web.staff.standing import Standing, standing_of
from app.web.staff.went_back import WentBack, read_went_back

EVENTS_SHOWN = 100
OfPayment = TypeVar("OfPayment", Refund, Dispute)


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that a record shows but the person."""

    member: Member
    standing: Standing
    kept: list[Money]
    payments: list[Payment]
    refunds: dict[str, list[Refund]]
    """By the payment's Stripe id."""
    fates: dict[UUID, list[Fate]]
    """What became of a payment, by its id."""
    nets: dict[UUID, Money]
    """What is left of a payment, by its id."""
    receipts: dict[UUID, Receipt]
    """By the payment's id."""
    went_back: WentBack
    memberships: list[MembershipLine]
    doubled: list[Subscription]
    """What will be charged again; more than one is one too many."""
    contested: dict[str, str]
    """The code of the member whose address Stripe shows, by the customer it shows it on."""
    entitlement: Entitlement
    notes: list[NoteInClear]
    """What they wrote with their support."""
    gifts: list[GiftLine]
    facts: list[MembershipFact]
    happenings: list[Happening]
    customer_ids: list[str] = field(default_factory=list)
    merged_from: dict[str, datetime] = field(default_factory=dict)
    """When other records turned out to be this one, by their codes."""

    @property
    def planned_ends(self) -> list[Subscription]:
        """What runs and is to end, the nearest end first."""
        rows = [line.row for line in self.memberships if line.row.cancel_at and not line.row.ended_at]
        return sorted(rows, key=lambda row: row.cancel_at or row.started_at)


@blueprint.get("/members/<code>")
def member(code: str) -> ResponseReturnValue:
    """Show one member's record; the code of one that was merged leads to the one it became."""
    with reading(parts().sessions) as session:
        found = _find_or_404(session, code)
        if found.code != code:
            return redirect(url_for("staff.member", code=found.code))
        record = _read_record(session, found)
        return _render(record, people=[], is_shown=False)


@blueprint.post("/members/<code>")
def show_person(code: str) -> ResponseReturnValue:
    """Show the record with the name and address, and note who asked to see them."""
    if not check_and_update_authn_fresh(FRESH, FRESH_GRACE, "session"):
        return redirect(url_for_security("verify", next=url_for("staff.member", code=code)))
    with reading(parts().sessions) as session:
        record = _read_record(session, _find_or_404(session, code))
        people = _list_people(session, record.member)
        log.info("person_shown", staff_id=pages.staff_id(), member_code=record.member.code)
        return _render(record, people=people, is_shown=True)


@blueprint.get("/receipts/<uuid:receipt_id>.pdf")
def receipt(receipt_id: UUID) -> ResponseReturnValue:
    """Hand out a receipt as its owner has it."""
    try:
        file = draw_receipt(parts(), receipt_id)
    except ReceiptUnknown:
        abort(404)
    log.info("receipt_opened", staff_id=pages.staff_id(), receipt_id=str(receipt_id))
    return _as_download(file)


@blueprint.get("/credit-notes/<uuid:credit_note_id>.pdf")
def credit_note(credit_note_id: UUID) -> ResponseReturnValue:
    """Hand out a credit note as its owner has it."""
    try:
        file = draw_credit_note(parts(), credit_note_id)
    except ReceiptUnknown:
        abort(404)
    log.info("credit_note_opened", staff_id=pages.staff_id(), credit_note_id=str(credit_note_id))
    return _as_download(file)


def _as_download(file: ReceiptFile) -> Response:
    response = Response(file.pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.file_name}"'
    return response


def _render(record: Record, *, people: list[PersonInClear], is_shown: bool) -> str:
    return render_template(
        "staff/member.html",
        record=record,
        people=people,
        is_shown=is_shown,
        by_whom=BY_WHOM,
        failure_in_words=failure_in_words,
        entitlement_in_words=entitlement_in_words,
        kinds_in_words=KINDS_IN_WORDS,
        reason_in_words=reason_in_words,
        status_in_words=status_in_words,
    )


def _find_or_404(session: Session, code: str) -> Member:
    found = find_by_code(session, code)
    if found is None:
        abort(404)
    return session.get_one(Member, resolve(session, found.id))


def _list_people(session: Session, member: Member) -> list[PersonInClear]:
    """Return who a member is, by each name and address of theirs."""
    members = [session.get_one(Member, one) for one in list_ids(session, member.id)]
    found = [parts().vault.find_person(session, one.person_id) for one in members if one.person_id]
    return [person for person in found if person]


def _read_record(session: Session, member: Member) -> Record:
    payments = billing.list_payments(session, member.id)
    subscriptions = billing.list_subscriptions(session, member.id)
    refunds = billing.list_refunds(session, payments)
    disputes = billing.list_disputes(session, payments)
    merges = list_merges(session, member.id)
    ids = [member.id, *(merge.merged_id for merge in merges)]
    receipts = list_receipts(session, ids)
    customers = billing.list_customers(session, member.id)
    last_facts = list_last_facts(session, [member.id]).get(member.id, [])
    facts = list_facts(session, member.id)
    customer_ids = [customer.stripe_customer_id for customer in customers]
    pledges = [one.pledge_id for one in payments] + [one.pledge_id for one in subscriptions]
    objects = [
        *customer_ids,
        *list_checkout_ids(session, filter(None, pledges)),
        *(one.stripe_subscription_id for one in subscriptions),
        *billing.list_invoice_ids(session, subscriptions),
        *(payment.stripe_payment_intent_id for payment in payments),
        *(refund.stripe_refund_id for refund in refunds),
        *(dispute.stripe_dispute_id for dispute in disputes),
    ]
    return Record(
        member=member,
        standing=standing_of(last_facts),
        kept=kept_by_member(session, [member.id], stand_ins=dict.fromkeys(ids, member.id)).get(member.id, []),
        payments=payments,
        refunds=_by_payment(refunds),
        fates=_fates(payments, refunds, disputes),
        nets=net_by_payment(session, ids),
        receipts={receipt.payment_id: receipt for receipt in receipts},
        went_back=read_went_back(session, receipts, disputes),
        memberships=list_memberships(session, subscriptions, facts),
        doubled=list_charged(session, member.id),
        contested=_contested_by(session, member),
        notes=open_notes(session, parts().vault, list_notes_of(session, ids)),
        entitlement=entitlement_of(session, member.id, newsroom=parts().newsroom, now=utc_now()),
        gifts=list_gift_lines(session, member),
        facts=facts,
        happenings=happenings(list_events(session, objects, limit=EVENTS_SHOWN)),
        customer_ids=customer_ids,
        merged_from={session.get_one(Member, merge.merged_id).code: merge.merged_at for merge in merges},
    )


def _contested_by(session: Session, member: Member) -> dict[str, str]:
    found = {}
    for customer in billing.list_contested(session, member.id):
        other = find_member(session, customer.address_of_member_id) if customer.address_of_member_id else None
        if other:
            found[customer.stripe_customer_id] = other.code
    return found


def _fates(payments: list[Payment], refunds: list[Refund], disputes: list[Dispute]) -> dict[UUID, list[Fate]]:
    refunds_of, disputes_of = _by_payment(refunds), _by_payment(disputes)
    return {
        one.id: fates_of(
            one,
            refunds_of.get(one.stripe_payment_intent_id, []),
            disputes_of.get(one.stripe_payment_intent_id, []),
        )
        for one in payments
        if one.paid_at
    }


def _by_payment(rows: list[OfPayment]) -> dict[str, list[OfPayment]]:
    found: dict[str, list[OfPayment]] = defaultdict(list)
    for row in rows:
        found[row.stripe_payment_intent_id or ""].append(row)
    return found
