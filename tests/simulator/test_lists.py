"""Pages, filters and expansion."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop


def test_lists_are_paged_newest_first(shop: Shop) -> None:
    made = [shop.v1.customers.create({}).id for _ in range(5)]

    first = shop.v1.customers.list({"limit": 2})
    second = shop.v1.customers.list({"limit": 2, "starting_after": first.data[-1].id})
    third = shop.v1.customers.list({"limit": 2, "starting_after": second.data[-1].id})

    pages = [[one.id for one in page.data] for page in (first, second, third)]
    assert pages == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert [first.has_more, second.has_more, third.has_more] == [True, True, False]


def test_pages_go_backwards_too(shop: Shop) -> None:
    made = [shop.v1.customers.create({}).id for _ in range(5)]

    page = shop.v1.customers.list({"limit": 2, "ending_before": made[0]})

    assert [one.id for one in page.data] == [made[2], made[1]]
    assert page.has_more is True


def test_stripes_own_auto_paging_sees_everything_once(shop: Shop) -> None:
    made = {shop.v1.customers.create({}).id for _ in range(25)}

    seen = [one.id for one in shop.v1.customers.list({"limit": 10}).auto_paging_iter()]

    assert len(seen) == 25
    assert set(seen) == made


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_a_limit_out_of_bounds_is_refused(shop: Shop, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.customers.list({"limit": limit})

    assert refused.value.param == "limit"


def test_a_cursor_that_is_nothing_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.v1.customers.list({"starting_after": "cus_nobody"})

    assert refused.value.param == "starting_after"


def test_lists_are_filtered_by_field_and_by_time(shop: Shop) -> None:
    early = shop.v1.customers.create({"email": "ada@example.org"})
    shop.simulator.advance(seconds=DAY)
    late = shop.v1.customers.create({"email": "ben@example.org"})

    by_email = shop.v1.customers.list({"email": "ada@example.org"}).data
    by_time = shop.v1.customers.list({"created": {"gt": early.created}}).data
    none = shop.v1.customers.list({"created": {"lt": early.created}}).data

    assert [one.id for one in by_email] == [early.id]
    assert [one.id for one in by_time] == [late.id]
    assert none == []


def test_events_are_found_by_type_types_and_group(shop: Shop) -> None:
    shop.paid_charge()
    v1 = shop.v1

    assert {one.type for one in v1.events.list({"type": "charge.*"}).data} == {
        "charge.succeeded",
        "charge.updated",
    }
    assert [one.type for one in v1.events.list({"type": "charge.succeeded"}).data] == ["charge.succeeded"]
    several = v1.events.list({"types": ["charge.succeeded", "payment_intent.created"]}).data
    assert [one.type for one in several] == ["charge.succeeded", "payment_intent.created"]
    with pytest.raises(stripe.InvalidRequestError):
        v1.events.list({"type": "a", "types": ["b"]})


def test_events_are_listed_for_thirty_days(shop: Shop) -> None:
    event = shop.v1.events.list({"limit": 1}).data
    assert event == []
    shop.v1.customers.create({})
    [kept] = shop.v1.events.list().data

    shop.simulator.advance(seconds=31 * DAY)

    assert shop.v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.events.retrieve(kept.id)


def test_invoice_payments_are_found_by_the_intent_behind_them(shop: Shop) -> None:
    shop.subscription()
    [intent] = shop.simulator.objects("payment_intent")

    found = shop.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": intent["id"]}, "expand": ["data.invoice"]}
    ).data

    assert len(found) == 1
    assert isinstance(found[0].invoice, stripe.Invoice)
    assert found[0].status == "paid"
    invoice = found[0].invoice.id
    assert [one.id for one in shop.v1.invoice_payments.list({"invoice": invoice}).data] == [found[0].id]


def test_expansion_goes_four_levels_down_and_no_further(shop: Shop) -> None:
    shop.subscription()
    path = "data.latest_invoice.payments.data.payment.payment_intent"

    [subscription] = shop.v1.subscriptions.list({"expand": [path]}).data
    invoice = subscription.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert invoice.payments is not None
    assert isinstance(invoice.payments.data[0].payment.payment_intent, stripe.PaymentIntent)

    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        shop.v1.subscriptions.list({"expand": [path + ".latest_charge"]})


@pytest.mark.parametrize("path", ["email", "nothing", "metadata", "id"])
def test_what_cannot_be_expanded_is_refused(shop: Shop, path: str) -> None:
    customer = shop.v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.v1.customers.retrieve(customer.id, {"expand": [path]})


def test_a_list_expands_inside_its_data(shop: Shop) -> None:
    shop.paid_charge()

    with pytest.raises(stripe.InvalidRequestError, match=r"try expanding 'data\.payment_intent'"):
        shop.v1.charges.list({"expand": ["payment_intent"]})


def test_line_items_are_there_only_when_asked_for(shop: Shop) -> None:
    session = shop.session()

    assert shop.v1.checkout.sessions.retrieve(session.id).line_items is None
    assert len(shop.v1.checkout.sessions.line_items.list(session.id).data) == 1


def test_a_page_is_asked_for_in_one_direction(shop: Shop) -> None:
    customer = shop.v1.customers.create({}).id

    with pytest.raises(stripe.InvalidRequestError, match="pass in only one"):
        shop.v1.customers.list({"starting_after": customer, "ending_before": customer})


def test_what_is_held_inside_an_object_is_paged_both_ways(shop: Shop) -> None:
    items: Any = [{"price": shop.price(100 * number).id, "quantity": 1} for number in range(1, 6)]
    session = shop.session("subscription", line_items=items)
    every = [one.id for one in shop.v1.checkout.sessions.line_items.list(session.id).data]

    def page(**cursor: Any) -> tuple[list[str], bool]:
        given: Any = {"limit": 2, **cursor}
        found = shop.v1.checkout.sessions.line_items.list(session.id, given)
        return [one.id for one in found.data], found.has_more

    assert page() == (every[:2], True)
    assert page(starting_after=every[1]) == (every[2:4], True)
    assert page(ending_before=every[4]) == (every[2:4], True)
    assert page(ending_before=every[2]) == (every[:2], False)
