"""The account at Stripe as the run sees it, and how something is done there past our product."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from http.client import HTTPException

import stripe

from tests.faults.chaos.patience import patiently
from tests.support.simulator import DoorRefused, Json, SimulatorProcess

KINDS = ("customer", "subscription", "invoice", "charge", "checkout.session", "dispute", "payout")
NOBODYS = ""
"""Stands for the customer of what has none: pages not paid yet, disputes, payouts."""
REFUSALS = {400, 402, 404}
OURS_TO_MEND = {"parameter_unknown", "parameter_missing", "parameter_invalid_empty"}
"""Refusals that say the run itself asks wrongly."""


class NothingThereError(Exception):
    """The customer has nothing that this deed could be done to."""


class AskedWronglyError(Exception):
    """The run asks what nobody could ask of Stripe."""


class Dashboard:
    """Does one thing after another; that Stripe refuses, fails or is killed meanwhile is part of it.

    Attributes: did: how often each deed was answered by yes, by no, or not at all.
    """

    def __init__(self, simulator: SimulatorProcess, chance: random.Random) -> None:
        self.stripe = simulator
        self.chance = chance
        self.v1 = simulator.client(max_network_retries=1).v1
        self.did: Counter[str] = Counter()
        self._objects: dict[str, dict[str, list[Json]]] = {}

    def look(self) -> list[str]:
        """See the account as it is now; returns the ids of all customers."""
        for kind in KINDS:
            self._objects[kind] = self._owned(kind)
        return sorted(self._objects["customer"])

    def _owned(self, kind: str) -> dict[str, list[Json]]:
        owned: defaultdict[str, list[Json]] = defaultdict(list)
        for found in patiently(lambda: self.stripe.objects(kind)):
            owned[found["id"] if kind == "customer" else found.get("customer") or NOBODYS].append(found)
        return owned

    def one(self, kind: str, customer_id: str, **wanted: object) -> Json:
        """Return one object of a customer's, at random. Raises: NothingThereError."""
        found = [
            one
            for one in self._objects[kind].get(customer_id, [])
            if all(one[field] == value for field, value in wanted.items())
        ]
        if not found:
            raise NothingThereError(kind)
        return self.chance.choice(found)

    def act(self, deed: "Deed", customer_id: str) -> None:
        """Do something to one customer, if there is anything to do it to. Raises: AskedWronglyError."""
        try:
            deed(self, customer_id)
        except NothingThereError:
            return
        except stripe.StripeError as error:
            self._note_refusal(deed, error.http_status, error.code)
        except DoorRefused as error:
            self._note_refusal(deed, error.status, error.error.get("code"))
        except (OSError, HTTPException):
            self.did[f"{deed.__name__}: unknown"] += 1
        else:
            self.did[f"{deed.__name__}: yes"] += 1

    def _note_refusal(self, deed: "Deed", status: int | None, code: str | None) -> None:
        if code in OURS_TO_MEND:
            raise AskedWronglyError(f"{deed.__name__}: {code}")
        self.did[f"{deed.__name__}: {'no' if status in REFUSALS else 'unknown'}"] += 1


Deed = Callable[[Dashboard, str], object]
"""What is done to the customer of this id. Raises: whatever Stripe raises; NothingThereError."""
