"""Which object an event is about."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inbox.events import find_object_type, wanted_by
from app.inbox.models import ObjectType
from app.stripe_gateway.followed import FOLLOWED_EVENTS

SAMPLES: dict[str, dict[str, Any]] = {
    "checkout.session.": {"object": "checkout.session", "id": "cs_1"},
    "customer.subscription.": {"object": "subscription", "id": "sub_1"},
    "customer.": {"object": "customer", "id": "cus_1"},
    "invoice.": {"object": "invoice", "id": "in_1"},
    "payment_intent.": {"object": "payment_intent", "id": "pi_1"},
    "refund.": {"object": "refund", "id": "re_1"},
    "charge.dispute.": {"object": "dispute", "id": "du_1", "payment_intent": "pi_1"},
    "payout.": {"object": "payout", "id": "po_1"},
    "charge.": {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"},
}


@pytest.mark.parametrize(
    ("event_type", "payload", "wanted"),
    [
        ("checkout.session.completed", {"id": "cs_1"}, (ObjectType.checkout_session, "cs_1")),
        ("customer.subscription.updated", {"id": "sub_1"}, (ObjectType.subscription, "sub_1")),
        ("customer.updated", {"id": "cus_1"}, (ObjectType.customer, "cus_1")),
        ("invoice.paid", {"id": "in_1"}, (ObjectType.invoice, "in_1")),
        ("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"}, (ObjectType.invoice, "in_1")),
        ("payment_intent.succeeded", {"id": "pi_1"}, (ObjectType.payment_intent, "pi_1")),
        ("refund.updated", {"id": "re_1"}, (ObjectType.refund, "re_1")),
        ("charge.refund.updated", {"id": "re_1", "object": "refund"}, (ObjectType.refund, "re_1")),
        (
            "charge.dispute.created",
            {"id": "du_1", "object": "dispute", "charge": "ch_1", "payment_intent": "pi_1"},
            (ObjectType.dispute, "du_1"),
        ),
        ("payout.reconciliation_completed", {"id": "po_1"}, (ObjectType.payout, "po_1")),
        (
            "charge.updated",
            {"id": "ch_1", "object": "charge", "payment_intent": "pi_1"},
            (ObjectType.payment_intent, "pi_1"),
        ),
    ],
)
def test_an_event_wants_the_object_it_is_about(
    event_type: str, payload: dict[str, Any], wanted: tuple[ObjectType, str]
) -> None:
    assert wanted_by(event_type, payload) == wanted


@pytest.mark.parametrize("event_type", FOLLOWED_EVENTS)
def test_every_event_we_ask_stripe_for_wants_an_object(event_type: str) -> None:
    prefix = max((prefix for prefix in SAMPLES if event_type.startswith(prefix)), key=len)

    assert wanted_by(event_type, SAMPLES[prefix]) is not None


@pytest.mark.parametrize(
    ("event_type", "payload"),
    [
        ("moon.landed", {"id": "moon_1"}),
        ("customer.source.created", {"id": "src_1"}),
        ("charge.updated", {"id": "ch_1", "object": "charge", "payment_intent": None}),
        ("invoice.paid", {}),
        ("invoice.paid", {"id": None}),
        ("invoice.paid", {"id": 7}),
        ("invoice.paid", {"id": ["in_1"]}),
        ("invoice.paid", {"id": ""}),
        ("invoice.paid", {"id": "in_é"}),
        ("invoice.paid", {"id": "in_\x00"}),
        ("invoice.paid", {"id": "in_\n"}),
        ("invoice.paid", {"id": "in_\ud800"}),
        ("invoice.paid", {"id": "in_" + "x" * 300}),
    ],
)
def test_an_event_that_names_nothing_we_follow_wants_nothing(
    event_type: str, payload: dict[str, Any]
) -> None:
    assert wanted_by(event_type, payload) is None


@given(st.sampled_from(FOLLOWED_EVENTS), st.dictionaries(st.sampled_from(["id", "object"]), st.text()))
def test_what_is_wanted_can_always_be_stored(event_type: str, payload: dict[str, Any]) -> None:
    wanted = wanted_by(event_type, payload)

    assert wanted is None or (wanted[1].isascii() and wanted[1].isprintable() and len(wanted[1]) <= 255)


@pytest.mark.parametrize(
    ("object_id", "object_type"),
    [
        ("cs_test_1", ObjectType.checkout_session),
        ("cus_1", ObjectType.customer),
        ("sub_1", ObjectType.subscription),
        ("in_1", ObjectType.invoice),
        ("pi_1", ObjectType.payment_intent),
        ("re_1", ObjectType.refund),
        ("pyr_1", ObjectType.refund),
        ("dp_1", ObjectType.dispute),
        ("du_1", ObjectType.dispute),
        ("po_1", ObjectType.payout),
        ("ch_1", None),
        ("in", None),
        ("", None),
    ],
)
def test_an_id_tells_its_object_by_its_first_letters(object_id: str, object_type: ObjectType | None) -> None:
    assert find_object_type(object_id) == object_type
