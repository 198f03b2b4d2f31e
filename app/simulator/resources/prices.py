"""Prices, made by themselves or inline with a Checkout session or subscription."""

from decimal import Decimal
from typing import Any

from app.simulator.engine.errors import invalid, missing_param
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.money import check_currency, check_form
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World
from app.simulator.resources.products import new_product

Json = dict[str, Any]
LONGEST = {"day": 1095, "week": 156, "month": 36, "year": 3}


def create(call: Call) -> Json:
    """`POST /v1/prices`."""
    world, params = call.world, call.params
    if "product" not in params and "product_data" not in params:
        raise missing_param("product")
    product = _product(world, params, param="product")
    fields = pick(params, "active", "lookup_key", "nickname", "tax_behavior")
    fields["metadata"] = merged({}, params.get("metadata"))
    return new_price(world, params, product=product, prefix="", fields=fields)


def retrieve(call: Call) -> Json:
    """`GET /v1/prices/{price}`."""
    return call.world.get("price", call.id)


def update(call: Call) -> Json:
    """`POST /v1/prices/{price}`: the amount never changes."""
    price = call.world.get("price", call.id)
    price |= pick(call.params, "active", "lookup_key", "nickname", "tax_behavior")
    price["metadata"] = merged(price["metadata"], call.params.get("metadata"))
    return call.world.save(price, "price.updated")


def list_all(call: Call) -> Json:
    """`GET /v1/prices`."""
    params = call.params
    interval = (params.get("recurring") or {}).get("interval")
    return list_objects(
        call.world,
        "price",
        params,
        url="/v1/prices",
        filters=("active", "currency", "product", "type"),
        where={"recurring.interval": interval} if interval else {},
        query={"any_of": {"lookup_key": params["lookup_keys"]}} if "lookup_keys" in params else {},
    )


def inline_price(world: World, data: Json, *, prefix: str) -> Json:
    """The price behind `price_data`, with its product when that is inline too.

    Args: prefix: where the data stands in the request, such as `line_items[0][price_data]`.
    """
    product = _product(world, data, param=f"{prefix}[product]")
    return new_price(world, data, product=product, prefix=prefix, fields={"active": False})


def new_price(world: World, params: Json, *, product: str, prefix: str, fields: Json) -> Json:
    """Create a price and tell of it. Raises: StripeError: an amount or interval Stripe refuses."""
    currency = check_currency(params["currency"], param=_at(prefix, "currency"))
    amount = _amount(params, currency, prefix)
    recurring = _recurring(params.get("recurring"), _at(prefix, "recurring"))
    return world.create(
        {
            "object": "price",
            "active": True,
            "billing_scheme": "per_unit",
            "created": world.now(),
            "currency": currency,
            "livemode": False,
            "metadata": {},
            "product": product,
            "recurring": recurring,
            "tax_behavior": "unspecified",
            "type": "recurring" if recurring else "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
            **fields,
        },
        "price.created",
    )


def plan_of(price: Json) -> Json:
    """The legacy plan a recurring price is shown beside."""
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": price["recurring"]["interval"],
        "interval_count": price["recurring"]["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "nickname": price.get("nickname"),
        "product": price["product"],
        "usage_type": "licensed",
    }


def _product(world: World, params: Json, *, param: str) -> str:
    if "product" in params:
        return str(world.get("product", params["product"], param=param)["id"])
    if "product_data" not in params:
        raise missing_param(param)
    data = params["product_data"]
    fields = pick(data, "name", "description", "images", "statement_descriptor", "tax_code", "unit_label")
    return str(new_product(world, {**fields, "metadata": merged({}, data.get("metadata"))})["id"])


def _amount(params: Json, currency: str, prefix: str) -> int:
    given = params.get("unit_amount", params.get("unit_amount_decimal"))
    if given is None:
        raise missing_param(_at(prefix, "unit_amount"))
    amount = Decimal(given)
    if amount != int(amount):
        raise invalid(
            "The local Stripe takes whole minor units only.", param=_at(prefix, "unit_amount_decimal")
        )
    check_form(int(amount), currency, param=_at(prefix, "unit_amount"))
    return int(amount)


def _recurring(given: Json | None, param: str) -> Json | None:
    if not given:
        return None
    count = given.get("interval_count", 1)
    most = LONGEST[given["interval"]]
    if not 1 <= count <= most:
        raise invalid(
            f"Invalid interval_count: must be between 1 and {most} for {given['interval']}s.",
            param=f"{param}[interval_count]",
        )
    return {"interval": given["interval"], "interval_count": count, "usage_type": "licensed"}


def _at(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


ROUTES = [
    Route("POST", "/v1/prices", create),
    Route("GET", "/v1/prices", list_all),
    Route("GET", "/v1/prices/{price}", retrieve),
    Route("POST", "/v1/prices/{price}", update),
]
