"""Parameters of covered operations that ask for what the simulator does not have."""

from app.simulator.engine.errors import not_covered
from app.simulator.engine.routes import Call

NAMES = (
    "add_invoice_items", "application_fee_amount", "application_fee_percent", "billing_cycle_anchor_config",
    "billing_schedules", "billing_thresholds", "backdate_start_date", "default_tax_rates", "discounts",
    "from_invoice", "on_behalf_of", "pending_invoice_item_interval", "shipping_cost", "tax_rates",
    "transfer_data",
)  # fmt: skip


def refuse_uncovered(call: Call) -> None:
    """Raises: StripeError: 501, rather than taking a coupon, a tax or a fee and forgetting it."""
    for name in NAMES:
        if call.params.get(name):
            raise not_covered(f"{name} of", call.path)
    if (call.params.get("automatic_tax") or {}).get("enabled"):
        raise not_covered("automatic_tax of", call.path)
    if call.params.get("payment_behavior") == "pending_if_incomplete":
        raise not_covered("payment_behavior=pending_if_incomplete of", call.path)
