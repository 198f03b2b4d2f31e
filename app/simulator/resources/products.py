"""Products."""

from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import list_objects
from app.simulator.engine.metadata import merged
from app.simulator.engine.routes import Call, Route, pick
from app.simulator.engine.world import World

Json = dict[str, Any]
PLAIN_FIELDS = (
    "active", "description", "images", "marketing_features", "name", "package_dimensions", "shippable",
    "statement_descriptor", "tax_code", "unit_label", "url",
)  # fmt: skip


def new_product(world: World, fields: Json) -> Json:
    """Create a product and tell of it."""
    return world.create(
        {
            "object": "product",
            "active": True,
            "created": world.now(),
            "images": [],
            "livemode": False,
            "marketing_features": [],
            "metadata": {},
            "type": "service",
            "updated": world.now(),
            **fields,
        },
        "product.created",
    )


def create(call: Call) -> Json:
    """`POST /v1/products`."""
    params = call.params
    fields = pick(params, *PLAIN_FIELDS, "id")
    if "id" in fields and call.world.store.find(fields["id"]):
        raise invalid("Product already exists.", param="id", code="resource_already_exists")
    fields["metadata"] = merged({}, params.get("metadata"))
    return new_product(call.world, fields)


def retrieve(call: Call) -> Json:
    """`GET /v1/products/{id}`."""
    return call.world.get("product", call.id)


def update(call: Call) -> Json:
    """`POST /v1/products/{id}`."""
    product = call.world.get("product", call.id)
    product |= pick(call.params, *PLAIN_FIELDS, "default_price")
    product["metadata"] = merged(product["metadata"], call.params.get("metadata"))
    product["updated"] = call.world.now()
    return call.world.save(product, "product.updated")


def delete(call: Call) -> Json:
    """`DELETE /v1/products/{id}`, allowed while it has no prices."""
    world = call.world
    product = world.get("product", call.id)
    if world.store.linked("price", "product", call.id):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    world.emit("product.deleted", product)
    world.store.delete(product)
    return {"id": product["id"], "object": "product", "deleted": True}


def list_all(call: Call) -> Json:
    """`GET /v1/products`."""
    return list_objects(call.world, "product", call.params, url="/v1/products", filters=("active",))


ROUTES = [
    Route("POST", "/v1/products", create),
    Route("GET", "/v1/products", list_all),
    Route("GET", "/v1/products/{id}", retrieve),
    Route("POST", "/v1/products/{id}", update),
    Route("DELETE", "/v1/products/{id}", delete),
]
