"""Payouts: money on its way to the bank, on a schedule or on order, and sometimes back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.simulator.engine.balance import DAY_SECONDS, post_payout
from app.simulator.engine.calendar import add_months
from app.simulator.engine.ids import new_id, random_text
from app.simulator.engine.links import NOT_PAID_OUT
from app.simulator.engine.world import World

Json = dict[str, Any]
BANK_ACCOUNT = "ba_SimulatedNewsroomBank"
RECONCILED_AFTER_SECONDS = 60
RUN = "payout_run"
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on payouts.",
    "could_not_process": "The bank could not process this payout.",
    "declined": "The bank has declined this payout.",
    "incorrect_account_holder_name": "The account holder name on file is incorrect.",
    "invalid_account_number": "The bank account number is invalid.",
    "no_account": "The bank account could not be located.",
}


@dataclass(frozen=True)
class Order:
    """What is paid out, in minor units of its currency; negative takes it back from the bank."""

    amount: int
    currency: str
    automatic: bool
    fields: Json


def new_payout(world: World, order: Order) -> Json:
    """Take money out of the balance and send it to the bank."""
    tomorrow = _next_day(world.clock.now())
    payout: Json = {
        "id": new_id("payout"),
        "object": "payout",
        "amount": order.amount,
        "arrival_date": tomorrow + DAY_SECONDS,
        "automatic": order.automatic,
        "created": world.clock.now(),
        "currency": order.currency,
        "destination": BANK_ACCOUNT,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "in_progress" if order.automatic else "not_applicable",
        "source_type": "card",
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
        **order.fields,
    }
    payout["balance_transaction"] = post_payout(world, payout, kind="payout", amount=-order.amount)["id"]
    world.create(payout, "payout.created")
    world.schedule_globally(tomorrow, "payout_sent", payout["id"])
    return payout


def give_back(world: World, payout: Json, *, status: str, event: str, **fields: Any) -> Json:
    """End a payout that did not arrive: its money returns to the balance."""
    world.unschedule(payout["id"])
    kind = "payout_cancel" if status == "canceled" else "payout_failure"
    returned = post_payout(world, payout, kind=kind, amount=payout["amount"])
    payout |= {"failure_balance_transaction": returned["id"], "status": status, **fields}
    return world.save(payout, event)


def run_sent(world: World, ref: str) -> None:
    """A pending payout goes to the bank."""
    payout = world.get("payout", ref)
    trace = {"status": "supported", "value": random_text(16).upper()}
    payout |= {"status": "in_transit", "trace_id": trace}
    world.save(payout, "payout.updated")
    world.schedule_globally(payout["arrival_date"], "payout_arrives", ref)


def run_arrives(world: World, ref: str) -> None:
    """The bank has it, or refuses it where the setting `payout_failure` says so."""
    payout = world.get("payout", ref)
    failure = world.store.read_meta("payout_failure")
    if failure:
        message = FAILURES.get(failure, FAILURES["could_not_process"])
        give_back(
            world,
            payout,
            status="failed",
            event="payout.failed",
            failure_code=failure,
            failure_message=message,
        )
        return
    payout["status"] = "paid"
    world.save(payout, "payout.paid")


def run_reconciled(world: World, ref: str) -> None:
    """The transactions of an automatic payout can be listed."""
    payout = world.get("payout", ref)
    payout["reconciliation_status"] = "completed"
    world.save(payout, "payout.reconciliation_completed")


def plan(world: World, _ref: str) -> None:
    """Have the next automatic payout made when the schedule says, unless it is planned already."""
    schedule = world.store.read_meta("payout_schedule") or "manual"
    if schedule != "manual" and not world.is_due(schedule, RUN):
        world.schedule_globally(next_slot(world.clock.now(), schedule), RUN, schedule)


def run_scheduled(world: World, ref: str) -> None:
    """Pay out everything available, each currency by itself, and note which transactions are in it."""
    if world.store.read_meta("payout_schedule") != ref:
        plan(world, ref)
        return
    waiting: dict[str, list[Json]] = {}
    for transaction in world.store.linked("balance_transaction", "payout", NOT_PAID_OUT):
        if transaction["available_on"] <= world.clock.now():
            waiting.setdefault(transaction["currency"], []).append(transaction)
    for currency, transactions in sorted(waiting.items()):
        amount = sum(transaction["net"] for transaction in transactions)
        if amount > 0:
            _pay_out(world, currency, amount, transactions)


def next_slot(now: int, schedule: str) -> int:
    """When the schedule pays out next: a midnight, a Monday's, or that of the first of a month."""
    today = now - now % DAY_SECONDS
    midnight = today if today == now else today + DAY_SECONDS
    moment = datetime.fromtimestamp(midnight, UTC)
    if schedule == "weekly":
        return midnight + (-moment.weekday() % 7) * DAY_SECONDS
    if schedule == "monthly" and moment.day > 1:
        return add_months(midnight - (moment.day - 1) * DAY_SECONDS, 1)
    return midnight


def _pay_out(world: World, currency: str, amount: int, transactions: list[Json]) -> None:
    payout = new_payout(
        world, Order(amount, currency, automatic=True, fields={"description": "STRIPE PAYOUT"})
    )
    own = world.get("balance_transaction", payout["balance_transaction"])
    for transaction in [*transactions, own]:
        transaction["_payout"] = payout["id"]
        world.save(transaction)
    world.schedule_globally(world.clock.now() + RECONCILED_AFTER_SECONDS, "payout_reconciled", payout["id"])


def _next_day(now: int) -> int:
    return now - now % DAY_SECONDS + DAY_SECONDS
