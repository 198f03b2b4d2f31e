"""Which ways of paying an intent or a session takes."""

from typing import Any

from app.simulator.engine.errors import invalid

Json = dict[str, Any]
COVERED = ("card", "sepa_debit", "link")
ALLOWED, EXCLUDED = "allowed_payment_method_types", "excluded_payment_method_types"


def type_fields(params: Json) -> Json:
    """The fields that say it, from the parameters that ask for it; nothing when they ask for nothing.

    Raises: StripeError: a way of paying the simulator does not have.
    """
    fields = {name: params[name] or None for name in (ALLOWED, EXCLUDED) if name in params}
    for one in fields.get(ALLOWED) or []:
        if one not in COVERED:
            raise invalid(
                f"The local Stripe takes payments by card and sepa_debit only, not {one}.", param=ALLOWED
            )
    if fields:
        wanted = fields.get(ALLOWED) or ["card"]
        excluded = fields.get(EXCLUDED) or []
        fields["payment_method_types"] = [one for one in wanted if one not in excluded]
    return fields


def takes(obj: Json, kind: str) -> bool:
    """Whether an intent or session can be paid that way: it is allowed, or nothing was said against it."""
    if kind in (obj.get(EXCLUDED) or []):
        return False
    return kind in (obj.get(ALLOWED) or [kind])
