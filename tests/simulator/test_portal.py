"""The billing portal through the API: configurations, sessions, and what they refuse."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop

Json = dict[str, Any]
HOME = "https://newsroom.example/manage"


def configuration(shop: Shop, **features: Any) -> stripe.billing_portal.Configuration:
    """A configuration with those features, and cards that may be changed."""
    wanted: Any = {"payment_method_update": {"enabled": True}, **features}
    return shop.v1.billing_portal.configurations.create({"features": wanted})


def plans(shop: Shop) -> tuple[Json, str, str]:
    """The feature that lets Ada choose between monthly and yearly support."""
    monthly = shop.price()
    yearly = shop.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 2000,
            "product": str(monthly.product),
            "recurring": {"interval": "year"},
        }
    )
    feature = {
        "enabled": True,
        "default_allowed_updates": ["price"],
        "products": [{"product": str(monthly.product), "prices": [monthly.id, yearly.id]}],
    }
    return feature, monthly.id, yearly.id


def refused(shop: Shop, **params: Any) -> stripe.InvalidRequestError:
    """What a session is refused with."""
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.billing_portal.sessions.create(params)  # type: ignore[arg-type]  # wrong on purpose
    return error.value


def test_a_configuration_tells_everything_and_keeps_what_is_not_changed(shop: Shop) -> None:
    made = configuration(
        shop,
        subscription_cancel={"enabled": True},
        customer_update={"enabled": True, "allowed_updates": ["email"]},
    )
    assert (made.active, made.is_default, made.login_page.url) == (True, False, None)
    assert made.features.subscription_cancel.mode == "at_period_end"
    assert made.features.subscription_pause.duration.interval_options[0].interval == "month"

    shop.v1.billing_portal.configurations.update(
        made.id,
        {
            "business_profile": {"headline": "Your support"},
            "features": {"customer_update": {"allowed_updates": ["email", "name"]}},
            "metadata": {"made_by": "deploy"},
        },
    )

    changed = shop.v1.billing_portal.configurations.retrieve(made.id)
    assert changed.business_profile.headline == "Your support"
    assert changed.features.customer_update.enabled
    assert changed.features.customer_update.allowed_updates == ["email", "name"]
    assert changed.features.subscription_cancel.enabled
    assert shop.event_types()[-2:] == [
        "billing_portal.configuration.created",
        "billing_portal.configuration.updated",
    ]


def test_configurations_are_listed_by_being_active_and_default(shop: Shop) -> None:
    kept, retired = configuration(shop), configuration(shop)
    shop.v1.billing_portal.configurations.update(retired.id, {"active": False})
    default = shop.simulator.door("portal", {})

    listed = shop.v1.billing_portal.configurations.list

    assert {one.id for one in listed({"active": True}).data} == {kept.id, default["id"]}
    assert [one.id for one in listed({"active": False}).data] == [retired.id]
    assert [one.id for one in listed({"is_default": True}).data] == [default["id"]]


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({"subscription_cancel": {"enabled": True, "proration_behavior": "always_invoice"}}, "proration"),
        (
            {"subscription_cancel": {"enabled": True, "proration_behavior": "create_prorations"}},
            "`mode` is `immediately`",
        ),
        (
            {"payment_method_update": {"enabled": False}, "subscription_update": {"enabled": True}},
            "Cannot enable subscription updates while payment method update is disabled.",
        ),
        ({"subscription_update": {"enabled": True}}, "Missing required param: features[subscription_update]"),
        ({"customer_update": {"enabled": True, "allowed_updates": ["shoe_size"]}}, "must be one of"),
        ({"tips": {"enabled": True}}, "Received unknown parameter: features[tips]"),
    ],
)
def test_a_configuration_stripe_refuses_is_refused(shop: Shop, features: Json, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        configuration(shop, **features)

    assert words in str(error.value)


@pytest.mark.parametrize(
    "features",
    [
        {"subscription_pause": {"enabled": True}},
        {
            "subscription_cancel": {
                "enabled": True,
                "mode": "immediately",
                "proration_behavior": "create_prorations",
            }
        },
    ],
)
def test_what_the_portal_cannot_do_yet_says_so_with_501(shop: Shop, features: Json) -> None:
    with pytest.raises(stripe.APIError) as error:
        configuration(shop, **features)

    assert error.value.http_status == 501


def test_prices_of_a_product_must_differ_in_their_interval(shop: Shop) -> None:
    feature, monthly, _ = plans(shop)
    product = feature["products"][0]["product"]
    fields: Any = {
        "currency": "eur",
        "unit_amount": 500,
        "product": product,
        "recurring": {"interval": "month"},
    }
    other = shop.v1.prices.create(fields)
    feature["products"][0]["prices"] = [monthly, other.id]

    with pytest.raises(stripe.InvalidRequestError) as error:
        configuration(shop, subscription_update=feature)

    assert error.value.param == "features[subscription_update][products][0][prices][1]"


def test_a_session_needs_a_configuration_until_the_default_is_saved(shop: Shop) -> None:
    ada = shop.customer()

    said = refused(shop, customer=ada.id)
    shop.simulator.door("portal", {})
    session = shop.v1.billing_portal.sessions.create({"customer": ada.id, "return_url": HOME, "locale": "ru"})

    assert "your test mode default configuration has not been created" in str(said)
    assert session.url.startswith(f"{shop.simulator.url}/p/session/")
    assert (session.customer, session.return_url, session.locale) == (ada.id, HOME, "ru")
    assert session.flow is None
    assert shop.event_types()[-1] == "billing_portal.session.created"


def test_the_default_return_url_is_the_configurations(shop: Shop) -> None:
    made = shop.v1.billing_portal.configurations.create(
        {"features": {"invoice_history": {"enabled": True}}, "default_return_url": HOME}
    )

    session = shop.v1.billing_portal.sessions.create(
        {"customer": shop.customer().id, "configuration": made.id, "expand": ["configuration"]}
    )

    assert session.return_url == HOME
    assert isinstance(session.configuration, stripe.billing_portal.Configuration)


def test_a_flow_is_shown_whole(shop: Shop) -> None:
    feature, monthly, yearly = plans(shop)
    subscription = shop.subscription(items=[{"price": monthly}])
    made = configuration(shop, subscription_update=feature)
    item = subscription["items"].data[0].id

    session = shop.v1.billing_portal.sessions.create(
        {
            "customer": str(subscription.customer),
            "configuration": made.id,
            "flow_data": {
                "type": "subscription_update_confirm",
                "subscription_update_confirm": {
                    "subscription": subscription.id,
                    "items": [{"id": item, "price": yearly}],
                },
                "after_completion": {"type": "redirect", "redirect": {"return_url": HOME}},
            },
        }
    )

    flow = session.flow
    assert flow is not None
    assert flow.subscription_update_confirm is not None
    assert flow.subscription_update_confirm.items[0].price == yearly
    assert flow.subscription_update_confirm.items[0].quantity == 1
    assert flow.after_completion.redirect is not None
    assert flow.after_completion.redirect.return_url == HOME
    assert flow.subscription_cancel is None


def test_a_flow_that_is_switched_off_or_makes_no_sense_is_refused(shop: Shop) -> None:
    feature, monthly, yearly = plans(shop)
    subscription = shop.subscription(items=[{"price": monthly}])
    item = subscription["items"].data[0].id
    mine = {"customer": subscription.customer, "configuration": configuration(shop).id}
    open_to_changes = {**mine, "configuration": configuration(shop, subscription_update=feature).id}

    def asking(kind: str, **details: Any) -> Json:
        return {"type": kind, kind: {"subscription": subscription.id, **details}}

    def changing(**change: Any) -> Json:
        return asking("subscription_update_confirm", items=[{"id": item, **change}])

    def said(params: Json, flow: Json) -> str:
        return str(refused(shop, **params, flow_data=flow))

    assert "cancellation feature in the portal configuration is disabled" in said(
        mine, asking("subscription_cancel")
    )
    assert "update feature in the portal configuration is disabled" in said(mine, changing(price=yearly))
    assert "no changes to confirm" in said(open_to_changes, changing(price=monthly))
    assert "not one the portal configuration" in said(open_to_changes, changing(price=shop.price(900).id))
    assert "does not allow this quantity" in said(open_to_changes, changing(quantity=3))
    assert "Missing required param: flow_data[subscription_cancel]" in said(
        mine, {"type": "subscription_cancel"}
    )
    assert "No such subscription: 'sub_nobody'" in said(
        mine, {"type": "subscription_cancel", "subscription_cancel": {"subscription": "sub_nobody"}}
    )
    assert "does not belong to the customer" in said(
        {**mine, "customer": shop.customer().id}, asking("subscription_cancel")
    )
    assert "Missing required param: flow_data[after_completion][redirect]" in said(
        mine, {"type": "payment_method_update", "after_completion": {"type": "redirect"}}
    )


def test_a_subscription_already_ending_cannot_be_sent_to_its_cancellation(shop: Shop) -> None:
    subscription = shop.subscription()
    made = configuration(shop, subscription_cancel={"enabled": True})
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})

    said = refused(
        shop,
        customer=subscription.customer,
        configuration=made.id,
        flow_data={
            "type": "subscription_cancel",
            "subscription_cancel": {"subscription": subscription.id},
        },
    )

    assert str(said).endswith("The subscription is already set to be canceled at period end.")


def test_an_end_at_the_period_s_own_end_comes_before_its_renewal(shop: Shop) -> None:
    subscription = shop.subscription()
    shop.v1.subscriptions.update(subscription.id, {"cancel_at": "max_period_end"})

    shop.simulator.advance(seconds=32 * DAY)

    ended = shop.v1.subscriptions.retrieve(subscription.id)
    assert ended.status == "canceled"
    assert len(shop.simulator.objects("invoice")) == 1
