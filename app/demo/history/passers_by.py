"""Readers who pay nothing yet: they see the appeal, go on to the form, or wish to be reminded."""

from itertools import cycle, islice

from app.demo import web
from app.demo.history.plan import UNDER_ARTICLES
from config.newsroom import Newsroom

SHOWN = 420
"""In how many browsers the appeal came into view; of one network no more than some hundred are counted."""
WENT_ON = {"main": 31, "open": 44}
WENT_ON_OTHERWISE = 30
REMINDED = ("yusuf@example.org", "ines@example.org")


def pass_by(product_url: str, newsroom: Newsroom) -> None:
    """Let them come by, over HTTP as from browsers. Raises: OSError, http.client.HTTPException."""
    variants = newsroom.appeal.variant_keys
    for variant in islice(cycle(variants), SHOWN):
        _count(product_url, "shown", variant)
    for variant in variants:
        for _ in range(WENT_ON.get(variant, WENT_ON_OTHERWISE)):
            _count(product_url, "continued", variant)
    for address in REMINDED:
        web.post_form(f"{product_url}/reminders", {"email": address, "interval": "month", "lang": "en"})


def _count(product_url: str, what: str, variant: str) -> None:
    said = {"what": what, "variant": variant, "campaign": UNDER_ARTICLES}
    web.post_form(f"{product_url}/appeal/counts", said)
