"""API keys: which are taken, which have expired, and what a restricted key may do."""

import base64
import binascii
import re
from typing import Any

from app.simulator.engine.errors import StripeError, unauthorized

Json = dict[str, Any]
ACCOUNT_ID = "acct_1LocalStripe"
PREFIXES = ("sk_test_", "rk_test_")
EXPIRED, INVALID, FULL = "expired", "invalid", "full"
PERMISSION = re.compile(r"(rak_)?[a-z_]+_(read|write)")
IRREGULAR = {"prices": "plan", "webhook_endpoints": "webhook"}
NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, "
    "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
    "https://docs.stripe.com/api#authentication for details, or we can help at https://support.stripe.com/."
)


class Keys:
    """The keys of the account. With none named, every test key may do everything.

    Attributes: named: what was said of a key: `full`, `expired`, `invalid` or a list of permissions
    (`customer_read`, `charge_write`); `*` stands for every other key.
    """

    def __init__(self) -> None:
        self.named: Json = {}

    def check(self, header: str) -> str:
        """The key of an Authorization header.

        Raises: StripeError: 401 when there is none, none for test mode, or one that is over.
        """
        key = key_of(header)
        if not key:
            raise unauthorized(NO_KEY)
        if "_live_" in key:
            raise unauthorized(
                "This is a local Stripe, for test keys only: it refuses live keys. Nothing was done.",
                code="livemode_mismatch",
            )
        if not key.startswith(PREFIXES) or len(key) < len("sk_test_") + 3 or not key.isascii():
            raise unauthorized(f"Invalid API Key provided: {masked(key)}")
        if self._said_of(key) == INVALID:
            raise unauthorized(f"Invalid API Key provided: {masked(key)}")
        if self._said_of(key) == EXPIRED:
            raise unauthorized(f"Expired API Key provided: {masked(key)}", code="api_key_expired")
        return key

    def allow(self, key: str, method: str, path: str) -> None:
        """Raises: StripeError: 403, a restricted key is not permitted this route."""
        permitted = self._said_of(key)
        if not isinstance(permitted, list):
            return
        names = {name.removeprefix("rak_") for name in permitted}
        resource = resource_of(path)
        enough = {f"{resource}_write"} | ({f"{resource}_read"} if method == "GET" else set())
        if not names & enough:
            raise _forbidden(key, f"rak_{resource}_{'read' if method == 'GET' else 'write'}")

    def _said_of(self, key: str) -> Any:
        return self.named.get(key, self.named.get("*", FULL))


def check_setting(keys: Any) -> None:
    """Raises: ValueError: what is said of a key is nothing there is."""
    if not isinstance(keys, dict | None):
        raise ValueError("api_keys is a hash of keys")
    for key, said in (keys or {}).items():
        permissions = said if isinstance(said, list) else []
        wrong = [one for one in permissions if not PERMISSION.fullmatch(str(one))]
        if wrong or not (isinstance(said, list) or said in (FULL, EXPIRED, INVALID)):
            raise ValueError(
                f"{key}: a key is {FULL}, {EXPIRED}, {INVALID}, or a list of permissions like customer_read"
            )


def resource_of(path: str) -> str:
    """What permissions call the subject of a route: `checkout_session` of `/v1/checkout/sessions`."""
    steps = [step for step in path.removeprefix("/v1/").split("/") if not step.startswith("{")]
    words = steps[:2] if steps[0] in {"checkout", "billing_portal", "test_helpers"} else steps[:1]
    name = IRREGULAR.get(words[-1]) or words[-1].removesuffix("s")
    return "_".join([*words[:-1], name])


def key_of(header: str) -> str:
    """The key in an Authorization header, Bearer or Basic; empty when there is none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def masked(key: str) -> str:
    """A key as Stripe writes it in refusals."""
    return key[:8] + "*" * max(len(key) - 12, 4) + key[-4:]


def _forbidden(key: str, permission: str) -> StripeError:
    message = (
        f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on "
        f"account '{ACCOUNT_ID}'. Having the '{permission}' permission would allow this request to continue."
    )
    return StripeError(403, {"type": "invalid_request_error", "message": message})
