"""Checks an account from outside: its money adds up, its states are legal, its events tell everything."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.support.simulator import Json, SimulatorProcess

EVENTFUL = (
    "charge", "checkout.session", "credit_note", "customer", "dispute", "invoice", "invoiceitem",
    "payment_intent", "payment_method", "payout", "price", "product", "refund", "setup_intent",
    "subscription",
)  # fmt: skip
"""Every kind whose changes Stripe tells by events."""
UNTOLD = {
    # Stripe counts a customer's invoices without an event, and has none for an item put on an invoice.
    "customer": {"next_invoice_sequence"},
    "invoiceitem": {"invoice"},
    # A credit note on an open invoice lowers the payment it asks for.
    "payment_intent": {"amount"},
}
LEGAL: dict[str, Json] = {
    "draft": {"attempted": False, "number": None, "amount_paid": 0},
    "open": {"amount_paid": 0},
    "paid": {"amount_remaining": 0, "next_payment_attempt": None},
    "void": {"next_payment_attempt": None},
    "uncollectible": {},
}
"""What must stand on an invoice in each status."""
ENDED = {"canceled", "incomplete_expired"}


class Account:
    """Everything an account holds at one moment, by kind."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        self.objects = {kind: simulator.objects(kind) for kind in (*EVENTFUL, "balance_transaction", "event")}
        self.balance = simulator.client().v1.balance.retrieve().to_dict()

    def of(self, kind: str) -> list[Json]:
        """Every object of a kind, oldest first."""
        return self.objects[kind]

    def told(self) -> Iterator[Json]:
        """Every object that Stripe tells of: not open sessions, nor methods that are nobody's."""
        for kind in EVENTFUL:
            for one in self.objects[kind]:
                open_session = kind == "checkout.session" and one["status"] == "open"
                if not open_session and not (kind == "payment_method" and one["customer"] is None):
                    yield one


def faults_of(account: Account) -> list[str]:
    """Return one sentence for everything that cannot be."""
    return [
        *money_faults(account),
        *invoice_faults(account),
        *subscription_faults(account),
        *event_faults(account),
    ]


def money_faults(account: Account) -> Iterator[str]:
    """Charges less refunds, disputes, fees and payouts are the balance, in every currency."""
    moved: Counter[str] = Counter()
    for movement in account.of("balance_transaction"):
        moved[movement["currency"]] += movement["net"]
        if movement["net"] != movement["amount"] - movement["fee"]:
            yield f"{movement['id']}: {movement['net']} is not {movement['amount']} less {movement['fee']}"
    held: Counter[str] = Counter()
    for part in (*account.balance["available"], *account.balance["pending"]):
        held[part["currency"]] += part["amount"]
    for currency in moved.keys() | held.keys():
        if moved[currency] != held[currency]:
            yield f"{currency}: moved {moved[currency]}, held {held[currency]}"
    yield from source_faults(account)


def source_faults(account: Account) -> Iterator[str]:
    """What each charge, refund, dispute and payout moved is what it says of itself."""
    moved: defaultdict[str, int] = defaultdict(int)
    for movement in account.of("balance_transaction"):
        moved[movement["source"]] += movement["amount"]
    for kind, expected in (
        ("charge", charged),
        ("refund", refunded),
        ("dispute", disputed),
        ("payout", paid_out),
    ):
        for one in account.of(kind):
            if moved.pop(one["id"], 0) != expected(one):
                yield f"{one['id']} ({one['status']}): moved something else than {expected(one)}"
    for source in moved:
        yield f"{source}: moved money and is no charge, refund, dispute or payout"
    given_back: Counter[str] = Counter()
    for refund in account.of("refund"):
        given_back[refund["charge"]] += (
            refund["amount"] if refund["status"] in {"pending", "succeeded"} else 0
        )
    for charge in account.of("charge"):
        if charge["amount_refunded"] != given_back[charge["id"]]:
            yield f"{charge['id']}: {charge['amount_refunded']} refunded, not {given_back[charge['id']]}"


def charged(charge: Json) -> int:
    """What a charge brings, where it settles in its own currency."""
    return charge["amount_captured"] if charge["status"] == "succeeded" else 0


def refunded(refund: Json) -> int:
    """What a refund takes; a failed or canceled one gave it back."""
    return -refund["amount"] if refund["status"] in {"pending", "succeeded"} else 0


def disputed(dispute: Json) -> int:
    """What a dispute has taken so far, its fee apart; an inquiry takes nothing."""
    return -dispute["amount"] if dispute["status"] in {"needs_response", "under_review", "lost"} else 0


def paid_out(payout: Json) -> int:
    """What a payout took from the balance; a failed or canceled one came back."""
    return 0 if payout["status"] in {"failed", "canceled"} else -payout["amount"]


def invoice_faults(account: Account) -> Iterator[str]:
    """Invoices hold what their status promises, and amounts that add up."""
    numbers = Counter(one["number"] for one in account.of("invoice") if one["number"])
    yield from (
        f"number {number} stands on {times} invoices" for number, times in numbers.items() if times > 1
    )
    for invoice in account.of("invoice"):
        name = f"{invoice['id']} ({invoice['status']})"
        for field, value in LEGAL[invoice["status"]].items():
            if invoice[field] != value:
                yield f"{name}: {field} is {invoice[field]!r}"
        if invoice["amount_due"] != invoice["amount_paid"] + invoice["amount_remaining"]:
            yield f"{name}: what is paid and what remains are not what is due"
        if invoice["total"] != sum(line["amount"] for line in invoice["lines"]["data"]):
            yield f"{name}: its lines do not add up to {invoice['total']}"
        if (invoice["status"] == "draft") != (invoice["status_transitions"]["finalized_at"] is None):
            yield f"{name}: finalized at {invoice['status_transitions']['finalized_at']}"


def subscription_faults(account: Account) -> Iterator[str]:
    """Subscriptions are in a status that their latest invoice allows."""
    invoices = {one["id"]: one for one in account.of("invoice")}
    for subscription in account.of("subscription"):
        status, name = subscription["status"], f"{subscription['id']} ({subscription['status']})"
        latest = invoices.get(subscription["latest_invoice"] or "")
        if status in {"incomplete", "past_due"} and (latest is None or latest["status"] == "paid"):
            yield f"{name}: its latest invoice is paid"
        if (status in ENDED) != (subscription["ended_at"] is not None):
            yield f"{name}: ended at {subscription['ended_at']}"
        if status == "trialing" and not subscription["trial_end"]:
            yield f"{name}: no trial"
        for item in subscription["items"]["data"]:
            if item["current_period_start"] >= item["current_period_end"]:
                yield f"{name}: a period that ends before it begins"


def event_faults(account: Account) -> Iterator[str]:
    """Replaying the events rebuilds every object, and each change names what it changed."""
    rebuilt: dict[str, Json] = {}
    earlier: dict[str, Json] = {}
    for event in account.of("event"):
        told = event["data"]["object"]
        if told["object"] not in EVENTFUL:
            continue
        known = rebuilt.get(told["id"])
        if known is not None and known != told:
            earlier[told["id"]] = known
        if event["data"]["previous_attributes"] is not None:
            yield from previous_faults(event, earlier.get(told["id"]))
        rebuilt[told["id"]] = told
        if event["type"] == f"{told['object']}.deleted":
            del rebuilt[told["id"]]
    now = {one["id"]: one for one in account.told()}
    for gone in rebuilt.keys() - now.keys():
        yield f"{gone}: told of and not there"
    for object_id, one in now.items():
        if object_id not in rebuilt:
            yield f"{object_id}: never told of"
        else:
            yield from (f"{object_id}: {line}" for line in unlike(rebuilt[object_id], one))


def previous_faults(event: Json, before: Json | None) -> Iterator[str]:
    """`previous_attributes` undo the change: the picture that was told before comes out."""
    name = f"{event['type']} {event['data']['object']['id']}"
    if before is None:
        yield f"{name}: a change of what was never told of"
        return
    undone = undo(event["data"]["object"], event["data"]["previous_attributes"])
    yield from (f"{name}: {line}" for line in unlike(undone, before))


def undo(now: Json, previous: Json) -> Json:
    """An object as it was before a change."""
    was = dict(now)
    for key, old in previous.items():
        inside = now.get(key)
        nested = isinstance(old, dict) and isinstance(inside, dict) and not old.get("object")
        was[key] = undo(inside or {}, old) if nested else old
    return was


def unlike(told: Json, found: Json) -> Iterator[str]:
    """The fields in which two pictures of an object differ, past those Stripe changes silently."""
    silent = UNTOLD.get(found["object"], set())
    for key in sorted((told.keys() | found.keys()) - silent):
        if told.get(key) != found.get(key):
            yield f"{key} was told as {told.get(key)!r} and is {found.get(key)!r}"
