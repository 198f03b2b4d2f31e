"""Checkout sessions through the API."""

import pytest
import stripe

from tests.simulator.shop import DAY, SUCCESS_URL, Shop
from tests.support.simulator import DoorRefused


def test_a_session_for_one_payment_carries_everything_through(shop: Shop) -> None:
    session = shop.session(
        customer_creation="always",
        customer_email="ada@example.org",
        metadata={"pledge": "p1"},
        payment_intent_data={"metadata": {"pledge": "p1"}},
        submit_type="donate",
        locale="ru",
    )
    assert session.ui_mode == "hosted_page"
    assert session.payment_intent is None
    assert session.url is not None
    assert session.url.startswith(shop.simulator.url)

    shop.simulator.pay(session.id, name="Ada Lovelace")

    paid = shop.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction", "customer", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.metadata["pledge"] == "p1"
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (74, 1426)
    assert isinstance(paid.customer, stripe.Customer)
    assert paid.customer.email == "ada@example.org"
    assert paid.line_items is not None
    assert paid.line_items.data[0].amount_total == 1500


def test_events_of_one_payment_come_in_their_order_of_birth(shop: Shop) -> None:
    shop.simulator.pay(shop.session(customer_creation="always").id)

    assert shop.event_types() == [
        "product.created",
        "price.created",
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]


def test_a_session_in_subscription_mode_makes_an_active_subscription(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur", subscription_data={"metadata": {"pledge": "p2"}})

    shop.simulator.pay(session.id)

    paid = shop.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["subscription.latest_invoice.payments"]}
    )
    subscription = paid.subscription
    assert isinstance(subscription, stripe.Subscription)
    assert subscription.status == "active"
    assert subscription.metadata["pledge"] == "p2"
    invoice = subscription.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.status == "paid"
    assert invoice.billing_reason == "subscription_create"
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata is not None
    assert invoice.parent.subscription_details.metadata["pledge"] == "p2"
    assert invoice.payments is not None
    assert invoice.payments.data[0].payment.payment_intent is not None
    item = subscription["items"].data[0]
    assert item.current_period_end > item.current_period_start
    assert shop.event_types()[-1] == "checkout.session.completed"


def test_an_abandoned_first_authentication_expires_after_23_hours(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    shop.simulator.pay(session.id, "4000002760003184")
    assert shop.simulator.objects("subscription")[0]["status"] == "incomplete"

    shop.simulator.advance(seconds=24 * 3600 + 60)

    assert shop.simulator.objects("subscription")[0]["status"] == "incomplete_expired"
    assert shop.simulator.objects("invoice")[0]["status"] == "void"
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert shop.event_types()[-1] == "checkout.session.expired"


def test_a_declined_subscription_card_can_be_tried_again_with_another(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    for card in ("4000000000000002", "4000000000000341"):
        with pytest.raises(DoorRefused):
            shop.simulator.pay(session.id, card)

    shop.simulator.pay(session.id)

    [subscription] = shop.simulator.objects("subscription")
    assert subscription["status"] == "active"
    assert len(shop.simulator.objects("customer")) == 1


def test_a_session_expires_after_a_day(shop: Shop) -> None:
    session = shop.session()

    shop.simulator.advance(seconds=DAY + 1)

    assert shop.v1.checkout.sessions.retrieve(session.id).status == "expired"
    with pytest.raises(DoorRefused, match="expired"):
        shop.simulator.pay(session.id)


def test_a_session_can_be_expired_once(shop: Shop) -> None:
    session = shop.session()

    assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        shop.v1.checkout.sessions.expire(session.id)


def test_a_session_is_paid_once(shop: Shop) -> None:
    session = shop.session()
    shop.simulator.pay(session.id)

    with pytest.raises(DoorRefused, match="complete"):
        shop.simulator.pay(session.id)

    assert len(shop.simulator.objects("charge")) == 1


def test_setup_mode_saves_a_card(shop: Shop) -> None:
    customer = shop.customer(card=None)
    session = shop.v1.checkout.sessions.create(
        {"mode": "setup", "customer": customer.id, "success_url": SUCCESS_URL, "currency": "eur"}
    )

    paid = shop.simulator.pay(session.id)

    assert paid["payment_status"] == "no_payment_required"
    assert len(shop.v1.customers.payment_methods.list(customer.id).data) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (49, "usd", "at least $0.50 usd"),
        (49, "jpy", "at least ¥50 jpy"),
        (29, "gbp", "at least £0.30 gbp"),
        (17499, "huf", "at least 175.00 huf"),
        (10, "kwd", "at least"),
    ],
)
def test_too_small_an_amount_is_refused(shop: Shop, amount: int, currency: str, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(amount=amount, currency=currency)

    assert refused.value.code == "amount_too_small"
    assert words in str(refused.value)


@pytest.mark.parametrize(("amount", "currency"), [(1505, "kwd"), (1550, "isk"), (250, "ugx")])
def test_amounts_a_currency_cannot_carry_are_refused(shop: Shop, amount: int, currency: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="evenly divisible"):
        shop.session(amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"mode": "gift"}, "must be one of payment, setup, or subscription"),
        ({"line_items": []}, "line_items"),
        ({"subscription_data": {"metadata": {"a": "b"}}}, "subscription_data"),
        ({"expires_at": 5}, "expires_at"),
        ({"ui_mode": "elements"}, "hosted_page"),
        ({"customer": "cus_nobody"}, "No such customer: 'cus_nobody'"),
        ({"line_items": [{"price": "price_no", "quantity": 1}]}, "No such price: 'price_no'"),
        ({"colour": "red"}, "Received unknown parameter: colour"),
    ],
)
def test_what_stripe_refuses_is_refused(shop: Shop, fields: dict[str, object], words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.session(**fields)  # type: ignore[arg-type]

    assert words in str(refused.value)


def test_a_recurring_price_is_refused_in_payment_mode(shop: Shop) -> None:
    price = shop.price()

    with pytest.raises(stripe.InvalidRequestError, match="recurring price"):
        shop.session(line_items=[{"price": price.id, "quantity": 1}])


def test_a_known_customer_is_kept(shop: Shop) -> None:
    customer = shop.customer(card=None)
    session = shop.session("subscription", 200, "eur", customer=customer.id)

    shop.simulator.pay(session.id)

    assert len(shop.simulator.objects("customer")) == 1
    assert shop.simulator.objects("subscription")[0]["customer"] == customer.id


def test_sessions_are_found_by_what_they_led_to(shop: Shop) -> None:
    session = shop.session("subscription", 200, "eur")
    paid = shop.simulator.pay(session.id)
    shop.session()

    found = shop.v1.checkout.sessions.list({"subscription": paid["subscription"]}).data

    assert [one.id for one in found] == [session.id]
