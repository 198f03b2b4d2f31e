"""`/metrics` for Prometheus: numbers only, no id and no person, for whoever shows the token."""

import hmac
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.access import parts, settings_of
from app.db import reading
from app.flows.health import Health, look_at_health
from app.kernel.clock import utc_now

blueprint = Blueprint("metrics", __name__)
PREFIX = "small_favor_"


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show how the product fares, in Prometheus' text form; 404 where no token is set, 401 without it."""
    refused = _refusal()
    if refused:
        return refused
    now = utc_now()
    with reading(parts().sessions) as session:
        health = look_at_health(session, now=now)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(health, now))
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _refusal() -> Response | None:
    """Refuse whoever does not show the token.

    Where none is set nobody is answered, on the same machine neither: a proxy there asks from there, too.
    """
    token = settings_of(current_app).metrics_token
    if token is None:
        abort(404)
    shown = request.headers.get("Authorization", "").encode()
    if hmac.compare_digest(shown, f"Bearer {token.get_secret_value()}".encode()):
        return None
    return Response("", status=401, headers={"WWW-Authenticate": "Bearer"})


class _Collector(Collector):
    def __init__(self, health: Health, now: datetime) -> None:
        self._health, self._now = health, now

    def collect(self) -> Iterator[Metric]:
        health = self._health
        muted = health.deployment is not None and health.deployment.muted_at is not None
        oldest = health.oldest.wanted_since if health.oldest else None
        yield _gauge("muted", "1 while a restored database has not caught up with Stripe.", int(muted))
        other = int(health.other_account)
        yield _gauge("other_account", "1 while the key at Stripe opens another account or mode.", other)
        yield _gauge("objects_waiting", "Stripe objects whose newest picture is wanted.", health.waiting)
        yield _gauge("oldest_object_seconds", "Age of the oldest of them.", self._age(oldest))
        yield _gauge("dead_letters", "Objects that failed ten times or more.", health.dead)
        yield _gauge("mails_waiting", "Mails not sent yet.", health.mails.waiting)
        yield _gauge("oldest_mail_seconds", "Age of the oldest of them.", self._age(health.mails.oldest_at))
        yield _gauge("mails_dropped", "Mails given up within 30 days.", health.mails.dropped)
        if health.events_read_at:
            age = self._age(health.events_read_at)
            yield _gauge("events_read_seconds", "Since Stripe's events were last read.", age)
        yield from self._sweeps()
        yield from self._balances()
        yield from self._unposted()

    def _sweeps(self) -> Iterator[Metric]:
        finished = GaugeMetricFamily(
            f"{PREFIX}sweep_seconds", "Since a sweep came to its end.", labels=["kind"]
        )
        drifted = GaugeMetricFamily(f"{PREFIX}sweep_drifted", "Differences it found.", labels=["kind"])
        for last in self._health.sweeps:
            if last.finished:
                finished.add_metric([last.kind.value], self._age(last.finished.finished_at))
                drifted.add_metric([last.kind.value], last.finished.drifted)
        yield from (finished, drifted)

    def _balances(self) -> Iterator[Metric]:
        differs = GaugeMetricFamily(
            f"{PREFIX}balance_difference_minor",
            "Our books less Stripe's balance, in minor units.",
            labels=["currency"],
        )
        for check in self._health.balances:
            differs.add_metric([check.currency], check.ours_minor - check.theirs_minor)
        yield differs
        if self._health.balances:
            age = self._age(min(check.checked_at for check in self._health.balances))
            yield _gauge("balance_checked_seconds", "Since both were last compared.", age)

    def _unposted(self) -> Iterator[Metric]:
        unposted = self._health.unposted
        moved = GaugeMetricFamily(
            f"{PREFIX}unposted_minor", "What they moved, in minor units.", labels=["currency"]
        )
        for currency, minor in sorted(unposted.minor_by_currency.items()):
            moved.add_metric([currency], minor)
        yield _gauge("unposted_transactions", "Balance transactions without an entry.", unposted.count)
        yield _gauge("oldest_unposted_seconds", "Since the oldest was found.", self._age(unposted.oldest_at))
        yield moved

    def _age(self, moment: datetime | None) -> int:
        return int((self._now - moment).total_seconds()) if moment else 0


def _gauge(name: str, what: str, value: int) -> Metric:
    return GaugeMetricFamily(PREFIX + name, what, value=value)
