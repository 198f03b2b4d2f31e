"""Stripe's own test clocks, for customers bound to them."""

from typing import Any

from app.simulator.engine.errors import invalid
from app.simulator.engine.listing import list_objects
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import World

Json = dict[str, Any]
KIND = "test_helpers.test_clock"
KEPT_SECONDS = 30 * 86400
LONGEST_STEP_SECONDS = 2 * 366 * 86400


def create(call: Call) -> Json:
    """`POST /v1/test_helpers/test_clocks`."""
    world = call.world
    return world.create(
        {
            "object": KIND,
            "created": world.now(),
            "deletes_after": world.now() + KEPT_SECONDS,
            "frozen_time": call.params["frozen_time"],
            "livemode": False,
            "name": call.params.get("name"),
            "status": "ready",
            "status_details": {},
        },
        "test_helpers.test_clock.created",
    )


def retrieve(call: Call) -> Json:
    """`GET /v1/test_helpers/test_clocks/{test_clock}`."""
    return call.world.get(KIND, call.id)


def advance(call: Call) -> Json:
    """`POST /v1/test_helpers/test_clocks/{test_clock}/advance`: `ready` again once all is done."""
    world, target = call.world, call.params["frozen_time"]
    clock = world.get(KIND, call.id)
    if clock["status"] != "ready":
        raise invalid("Test clock advancement is already in progress.", code="test_clock_not_ready")
    if target <= clock["frozen_time"]:
        raise invalid(
            "You cannot advance a test clock to a time in the past: `frozen_time` must be later than the "
            "clock's current time.",
            param="frozen_time",
        )
    if target - clock["frozen_time"] > LONGEST_STEP_SECONDS:
        raise invalid("Cannot advance a test clock by more than two years at a time.", param="frozen_time")
    clock |= {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": target}}}
    world.save(clock)
    world.emit("test_helpers.test_clock.advancing", clock)
    world.schedule(world.now(), "test_clock_advance", clock["id"])
    return clock


def delete(call: Call) -> Json:
    """`DELETE /v1/test_helpers/test_clocks/{test_clock}`, its customers with it."""
    world = call.world
    clock = world.get(KIND, call.id)
    for customer in world.store.linked("customer", "test_clock", clock["id"]):
        for subscription in world.store.linked("subscription", "customer", customer["id"]):
            world.unschedule(subscription["id"])
        world.store.delete(customer)
    world.store.db.execute("DELETE FROM due WHERE clock = ?", (clock["id"],))
    world.emit("test_helpers.test_clock.deleted", clock)
    world.store.delete(clock)
    return {"id": clock["id"], "object": KIND, "deleted": True}


def list_all(call: Call) -> Json:
    """`GET /v1/test_helpers/test_clocks`."""
    return list_objects(call.world, KIND, call.params, url="/v1/test_helpers/test_clocks")


def step(world: World, ref: str) -> None:
    """Do the next thing due on an advancing clock, or call it ready.

    One thing per transaction: a clock killed half way goes on where it was.
    """
    clock = world.store.find(ref)
    if clock is None or clock["status"] != "advancing":
        return
    target = clock["status_details"]["advancing"]["target_frozen_time"]
    if world.do_next(ref, target):
        world.leave_test_clock()
        world.schedule(world.now(), "test_clock_advance", ref)
        return
    clock = world.get(KIND, ref)
    clock |= {"frozen_time": target, "status": "ready", "status_details": {}}
    world.save(clock)
    world.emit("test_helpers.test_clock.ready", clock)


ROUTES = [
    Route("POST", "/v1/test_helpers/test_clocks", create),
    Route("GET", "/v1/test_helpers/test_clocks", list_all),
    Route("GET", "/v1/test_helpers/test_clocks/{test_clock}", retrieve),
    Route("POST", "/v1/test_helpers/test_clocks/{test_clock}/advance", advance),
    Route("DELETE", "/v1/test_helpers/test_clocks/{test_clock}", delete),
]
JOBS = {"test_clock_advance": step}
