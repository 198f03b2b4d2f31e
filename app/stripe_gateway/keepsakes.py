"""What we keep at Stripe for a day when our database is lost: the epoch, and the numbers of documents."""

from typing import TYPE_CHECKING, Final

from app.kernel.ids import new_id
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.errors import StripeRefused
from app.stripe_gateway.reading import NOTE_KEY, RECEIPT_KEY, text_in

if TYPE_CHECKING:
    from stripe.params import ProductCreateParams

PRODUCT_ID: Final = "small_favor_deployment"
"""A product that is never sold; its metadata hold the epoch."""
EPOCH_KEY: Final = "epoch"


class StripeKeepsakes:
    """Reads and writes them; each raises StripeUnavailable and StripeRefused.

    Each write has a key of its own: written twice, a keepsake is what it was, while under a kept key Stripe
    would repeat a failure for a day, and letters and workers wait for these answers.
    """

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls

    def fetch_epoch(self) -> int:
        """Fetch the epoch; 0 where none was ever kept."""
        try:
            product = self._calls.call(lambda client: client.v1.products.retrieve(PRODUCT_ID))
        except StripeRefused as refused:
            if refused.missing:
                return 0
            raise
        text = text_in(product.metadata, EPOCH_KEY) or ""
        return int(text) if text.isascii() and text.isdigit() else 0

    def keep_epoch(self, epoch: int) -> None:
        """Keep the epoch, in a product made for it the first time."""
        metadata, key = {EPOCH_KEY: str(epoch)}, f"epoch-{epoch}-{new_id()}"
        try:
            self._calls.call(
                lambda client: client.v1.products.update(
                    PRODUCT_ID, {"metadata": metadata}, {"idempotency_key": key}
                )
            )
        except StripeRefused as refused:
            if not refused.missing:
                raise
            self._create_product(metadata)

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

    def _create_product(self, metadata: dict[str, str]) -> None:
        params: ProductCreateParams = {
            "id": PRODUCT_ID,
            "name": "Small Favor (kept for restores, never sold)",
            "active": False,
            "metadata": metadata,
        }
        key = f"{PRODUCT_ID}-{metadata[EPOCH_KEY]}"
        self._calls.call(lambda client: client.v1.products.create(params, {"idempotency_key": key}))
