"""The local Stripe as its account holder sees it: the API with the key, and the doors beside it."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from app.demo import web
from app.demo.ports import HOST
from app.stripe_gateway.calls import API_VERSION
from app.stripe_gateway.followed import FOLLOWED_EVENTS

Json = dict[str, Any]


class StripeSaidNo(Exception):
    """A call was refused; the text is Stripe's. `declined` for a card."""

    def __init__(self, status: int, answer: Json) -> None:
        error = answer.get("error", {})
        super().__init__(f"{status}: {error.get('message')}")
        self.declined = error.get("type") == "card_error"


class LocalStripe:
    """Calls one local Stripe."""

    def __init__(self, url: str, *, key: str) -> None:
        self._url = url
        self._key = key

    def ask(self, method: str, path: str, **params: str) -> Json:
        """Call `/v1/<path>` with form parameters. Raises: StripeSaidNo."""
        authority = {"Authorization": f"Bearer {self._key}"}
        url = f"{self._url}/v1/{path}"
        if method == "POST":
            return _read(web.post_form(url, params, authority))
        query = f"?{urlencode(params)}" if params else ""
        return _read(web.request(method, url + query, None, authority))

    def open_door(self, path: str, **body: object) -> Json:
        """Call `/_sim/<path>`. Raises: StripeSaidNo."""
        kind = {"Content-Type": "application/json"}
        return _read(web.request("POST", f"{self._url}/_sim/{path}", json.dumps(body).encode(), kind))

    def move_clock(self, to: datetime) -> None:
        """Let time pass until an instant; all that falls due on the way happens at its own.

        The clock runs meanwhile, so the instant may be over already: then nothing is done.
        """
        instant = int(to.timestamp())
        if instant > _read(web.get(f"{self._url}/_sim/clock"))["now"]:
            self.open_door("clock", to=instant)

    def deliver(self) -> bool:
        """Send every webhook that waits; returns whether all got through."""
        return bool(self.open_door("deliveries/flush")["delivered"])

    def pay(self, session_id: str, *, card: str, address: str, name: str | None) -> None:
        """Pay a Checkout session as its page does. Raises: StripeSaidNo: `declined` for the card."""
        payer = {"card": card, "email": address, "complete_3ds": True}
        self.open_door(f"checkout/{session_id}/pay", **payer, **({"name": name} if name else {}))

    def point_webhooks_to(self, product_url: str, *, secret: str) -> None:
        """Have the events that the product follows sent to it, signed with `secret`."""
        wanted = {"url": f"{product_url}/webhooks/stripe"}
        wanted |= {f"enabled_events[{place}]": name for place, name in enumerate(FOLLOWED_EVENTS)}
        known = [one for one in self.ask("GET", "webhook_endpoints")["data"] if f"//{HOST}:" in one["url"]]
        if known:
            endpoint = self.ask("POST", f"webhook_endpoints/{known[0]['id']}", **wanted)
        else:
            endpoint = self.ask("POST", "webhook_endpoints", api_version=API_VERSION, **wanted)
        self.open_door(f"endpoints/{endpoint['id']}", secret=secret)


def _read(answer: web.Answer) -> Json:
    content: Json = json.loads(answer.body)
    if answer.status >= 400:
        raise StripeSaidNo(answer.status, content)
    return content
