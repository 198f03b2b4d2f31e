"""What we keep at Stripe for a day when our database is lost: the epoch, and the numbers of documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.kernel.clock import from_timestamp
from app.kernel.ids import new_id
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.errors import StripeRefused
from app.stripe_gateway.reading import NOTE_KEY, RECEIPT_KEY, text_in

if TYPE_CHECKING:
    import stripe
    from stripe.params import ProductCreateParams

PRODUCT_ID: Final = "small_favor_deployment"
"""A product that is never sold; its metadata hold the epoch."""
EPOCH_KEY: Final = "epoch"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The count at Stripe, and since when this account has one: no two accounts have begun at one instant."""

    epoch: int
    since: datetime


class StripeKeepsakes:
    """Reads and writes them; each raises StripeUnavailable and StripeRefused.

    Each write has a key of its own: written twice, a keepsake is what it was, while under a kept key Stripe
    would repeat a failure for a day, and letters and workers wait for these answers.
    """

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def fetch(self) -> Kept | None:
        """Fetch the epoch; None where none was ever kept."""
        try:
            return _read(self._calls.call(lambda client: client.v1.products.retrieve(PRODUCT_ID)))
        except StripeRefused as refused:
            if refused.missing:
                return None
            raise

    def raise_epoch(self, epoch: int) -> Kept:
        """Keep the epoch unless a higher one is kept, in a product made for it the first time."""
        kept = self.fetch()
        if kept is None:
            return self._create(epoch)
        return kept if kept.epoch >= epoch else self._update(epoch)

    def keep_receipt_number(self, intent_id: str, number: str) -> None:
        """Keep a receipt's number on the payment it acknowledges."""
        key = f"receipt-{intent_id}-{number}-{new_id()}"
        self._calls.call(
            lambda client: client.v1.payment_intents.update(
                intent_id, {"metadata": {RECEIPT_KEY: number}}, {"idempotency_key": key}
            )
        )

    def keep_note_number(self, refund_id: str, number: str) -> None:
        """Keep a credit note's number on the refund it answers."""
        key = f"credit-note-{refund_id}-{number}-{new_id()}"
        self._calls.call(
            lambda client: client.v1.refunds.update(
                refund_id, {"metadata": {NOTE_KEY: number}}, {"idempotency_key": key}
            )
        )

    def _update(self, epoch: int) -> Kept:
        metadata, key = {EPOCH_KEY: str(epoch)}, f"epoch-{epoch}-{new_id()}"
        return _read(
            self._calls.call(
                lambda client: client.v1.products.update(
                    PRODUCT_ID, {"metadata": metadata}, {"idempotency_key": key}
                )
            )
        )

    def _create(self, epoch: int) -> Kept:
        """Create the product; where another worker just did, or an answer was lost, raise what it holds."""
        params: ProductCreateParams = {
            "id": PRODUCT_ID,
            "name": "Small Favor (kept for restores, never sold)",
            "active": False,
            "metadata": {EPOCH_KEY: str(epoch)},
        }
        key = f"{PRODUCT_ID}-{new_id()}"
        try:
            return _read(
                self._calls.call(lambda client: client.v1.products.create(params, {"idempotency_key": key}))
            )
        except StripeRefused as refused:
            if refused.code != "resource_already_exists":
                raise
            return self._update(epoch)


def _read(product: "stripe.Product") -> Kept:
    text = text_in(product.metadata, EPOCH_KEY) or ""
    return Kept(
        epoch=int(text) if text.isascii() and text.isdigit() else 0, since=from_timestamp(product.created)
    )
