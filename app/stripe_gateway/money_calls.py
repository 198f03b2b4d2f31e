"""What the product asks Stripe about money on its way back or out."""

from typing import TYPE_CHECKING

from app.stripe_gateway import money_reading as reading
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.expansions import PAYOUT
from app.stripe_gateway.money_snapshots import DisputeSnapshot, PayoutSnapshot, TransactionPage
from app.stripe_gateway.plain import fetch_plain
from app.stripe_gateway.snapshots import BalanceSnapshot

if TYPE_CHECKING:
    import stripe
    from stripe.params import BalanceTransactionListParams

PAGE_LENGTH = 100


class MoneyCalls:
    """The part of the gateway that asks about disputes, payouts and the balance; reads only."""

    _calls: StripeCalls

    def fetch_dispute(self, dispute_id: str) -> DisputeSnapshot:
        """Fetch a dispute. Raises: StripeUnavailable, StripeRefused."""
        dispute = self._calls.call(lambda client: client.v1.disputes.retrieve(dispute_id))
        return reading.read_dispute(dispute)

    def fetch_payout(self, payout_id: str) -> PayoutSnapshot:
        """Fetch a payout and all that it is made of, one more call for each hundred lines.

        Raises: StripeUnavailable, StripeRefused.
        """
        expand = list(PAYOUT)
        payout = self._calls.call(lambda client: client.v1.payouts.retrieve(payout_id, {"expand": expand}))
        return reading.read_payout(payout, self._made_of(payout))

    def list_balance_transactions(
        self, *, created_from: int | None = None, after: str | None = None
    ) -> TransactionPage:
        """List a page of balance transactions, newest first.

        Args: created_from: in seconds since the epoch; after: the `last_id` of the page before.
        Raises: StripeUnavailable, StripeRefused.
        """
        params: BalanceTransactionListParams = {"limit": PAGE_LENGTH, "expand": ["data.source"]}
        if created_from is not None:
            params["created"] = {"gte": created_from}
        if after:
            params["starting_after"] = after
        return reading.read_transactions(fetch_plain(self._calls, "/v1/balance_transactions", {**params}))

    def fetch_transaction(self, transaction_id: str) -> BalanceSnapshot:
        """Fetch a balance transaction. Raises: StripeUnavailable, StripeRefused."""
        return reading.read_transaction(
            self._calls.call(lambda client: client.v1.balance_transactions.retrieve(transaction_id))
        )

    def fetch_balance(self) -> dict[str, int]:
        """Fetch what Stripe holds, available and pending, in minor units by currency, zeros left out.

        Raises: StripeUnavailable, StripeRefused.
        """
        return reading.read_balance(self._calls.call(lambda client: client.v1.balance.retrieve()))

    def _made_of(self, payout: "stripe.Payout") -> "list[stripe.BalanceTransaction]":
        """List every page: each is a call of its own, so that a long payout outlives no budget."""
        if not reading.has_lines(payout):
            return []
        params: BalanceTransactionListParams = {"payout": payout.id, "limit": PAGE_LENGTH}
        params["expand"] = ["data.source"]
        page = self._list(params)
        found = page.data
        while page.has_more and page.data:
            page = self._list({**params, "starting_after": page.data[-1].id})
            found = [*found, *page.data]
        return found

    def _list(self, params: "BalanceTransactionListParams") -> "stripe.ListObject[stripe.BalanceTransaction]":
        return self._calls.call(lambda client: client.v1.balance_transactions.list(params))
