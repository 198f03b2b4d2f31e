"""What is told of a renewal: once a try, of the right kind, and nothing after success."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.statuses import InvoiceStatus, PaymentStatus
from app.outbox.models import MailKind
from app.projection.dunning import FIRST_INVOICE, UNPAID, Renewal, letter_about, told_tries, try_key

LATER = datetime(2026, 11, 6, 12, tzinfo=UTC)
OPEN = Renewal(
    status=InvoiceStatus.open,
    billing_reason="subscription_cycle",
    tries=1,
    next_try_at=LATER,
    payment=PaymentStatus.requires_payment_method,
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, MailKind.payment_failed),
        ({"tries": 2}, MailKind.payment_reminder),
        ({"tries": 3}, MailKind.payment_reminder),
        ({"tries": 4, "next_try_at": None}, MailKind.payment_last_notice),
        ({"tries": 1, "next_try_at": None}, MailKind.payment_last_notice),
        ({"payment": None}, MailKind.payment_failed),
        ({"payment": PaymentStatus.requires_action}, MailKind.payment_needs_action),
        ({"payment": PaymentStatus.requires_action, "tries": 3}, MailKind.payment_needs_action),
        ({"payment": PaymentStatus.requires_action, "next_try_at": None}, MailKind.payment_needs_action),
        (
            {"payment": PaymentStatus.requires_action, "next_try_at": None, "tries": 2},
            MailKind.payment_last_notice,
        ),
        ({"tries": 0}, None),
        ({"billing_reason": FIRST_INVOICE}, None),
        ({"billing_reason": None}, MailKind.payment_failed),
        ({"billing_reason": "subscription_update"}, MailKind.payment_failed),
        ({"status": InvoiceStatus.uncollectible, "tries": 4}, MailKind.payment_last_notice),
        ({"status": InvoiceStatus.uncollectible, "tries": 1}, None),
        ({"payment": PaymentStatus.succeeded}, None),
        ({"payment": PaymentStatus.processing}, None),
        ({"payment": PaymentStatus.canceled}, MailKind.payment_failed),
    ],
)
def test_the_kind_follows_the_try(changed: dict[str, object], expected: MailKind | None) -> None:
    assert letter_about(replace(OPEN, **changed)) is expected  # type: ignore[arg-type]  # by name, as fields are


@pytest.mark.parametrize("status", sorted(set(InvoiceStatus) - UNPAID))
def test_an_invoice_that_nobody_asks_for_is_not_told_of(status: InvoiceStatus) -> None:
    assert letter_about(replace(OPEN, status=status)) is None


def test_every_try_has_a_key_of_its_own() -> None:
    assert told_tries("in_1", 3) == [try_key("in_1", 1), try_key("in_1", 2), try_key("in_1", 3)]
    assert told_tries("in_1", 0) == []
    assert len(told_tries("in_1", 10**6)) == 50


@dataclass
class Life:
    """A renewal's life at Stripe: its pictures one after the other, the last of them paid or given up."""

    pictures: list[Renewal] = field(default_factory=list)

    @property
    def paid_from(self) -> int:
        """The first picture that shows success; past the end where there is none."""
        paid = [n for n, one in enumerate(self.pictures) if one.status is InvoiceStatus.paid]
        return min(paid, default=len(self.pictures))


@st.composite
def lives(draw: st.DrawFn) -> Life:
    fails, is_paid = draw(st.integers(0, 4)), draw(st.booleans())
    life = Life([replace(OPEN, tries=0, payment=PaymentStatus.requires_payment_method)])
    for number in range(1, fails + 1):
        last = number == fails and not is_paid
        how = draw(st.sampled_from([PaymentStatus.requires_payment_method, PaymentStatus.requires_action]))
        next_at = None if last else LATER + timedelta(days=number)
        life.pictures.append(replace(OPEN, tries=number, next_try_at=next_at, payment=how))
    if is_paid:
        paid = replace(OPEN, status=InvoiceStatus.paid, tries=fails + 1, payment=PaymentStatus.succeeded)
        life.pictures.append(paid)
    return life


@given(life=lives(), data=st.data())
def test_in_any_order_of_pictures_each_try_is_told_of_once_and_none_after_success(
    life: Life, data: st.DataObject
) -> None:
    """Each object's pictures are applied in the order of their making, which leases see to; between the
    two objects any order may come about, some pictures never come, and others come twice."""
    last = len(life.pictures) - 1
    seen_invoice = seen_payment = 0
    told: dict[str, MailKind] = {}
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(max(seen_invoice, seen_payment), last))
        if data.draw(st.booleans()):
            seen_invoice = data.draw(st.integers(seen_invoice, at))
        else:
            seen_payment = data.draw(st.integers(seen_payment, at))
        picture = replace(life.pictures[seen_invoice], payment=life.pictures[seen_payment].payment)
        kind = letter_about(picture)
        if kind is None:
            continue
        assert max(seen_invoice, seen_payment) < life.paid_from
        told.setdefault(try_key("in_1", picture.tries), kind)

    assert len(told) <= sum(one.status is InvoiceStatus.open for one in life.pictures)
    for number, picture in enumerate(life.pictures[1:], 1):
        kind = told.get(try_key("in_1", number))
        if kind in (MailKind.payment_failed, MailKind.payment_reminder):
            assert (kind is MailKind.payment_failed) is (number == 1)
        if kind is MailKind.payment_last_notice:
            assert picture.next_try_at is None
