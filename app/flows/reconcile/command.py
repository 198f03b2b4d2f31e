"""What `flask stripe reconcile` does, from the first list to the last difference mended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from app.db import reading, transaction
from app.flows.first_start import remember_first_start
from app.flows.muting import catching_up, caught_up
from app.flows.parts import Parts
from app.flows.reconcile import sweep
from app.flows.reconcile.balance import compare_balances
from app.flows.reconcile.draining import drain
from app.flows.reconcile.events import follow_events
from app.flows.reconcile.run import Run
from app.flows.reconcile.unposted import post_unbrought
from app.inbox.events import Wanted
from app.kernel.clock import utc_now
from app.reconciliation.balances import Balance
from app.reconciliation.deployment import find_deployment
from app.reconciliation.models import DriftKind, Sweep, SweepKind
from app.reconciliation.sweeps import count_drifts, record_error
from app.stripe_gateway.errors import StripeUnavailable

TRIES = 8
FIRST_PAUSE_SECONDS = 0.5
STALE = timedelta(days=2)
"""A sweep broken off longer ago is begun anew: too much has changed behind it."""
PAGES_A_LINE = 10

Say = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a comparison saw, what differed, and what could not be mended."""

    seen: int
    differed: dict[tuple[str, DriftKind], int]
    unsupported: tuple[str, ...]
    still_waiting: list[Wanted]
    balances: list[Balance]

    @property
    def all_equal(self) -> bool:
        """Whether nothing is left to mend."""
        return not self.still_waiting and not any(one.difference_minor for one in self.balances)


def reconcile(parts: Parts, *, full: bool, since_days: int, say: Say) -> Outcome:
    """Compare our rows with Stripe's lists, mend what differs, and sync it at once.

    Raises: StripeUnavailable: Stripe stayed away; the next call goes on where this one stopped.
        StripeOtherAccount, StripeRefused.
    """
    parts = catching_up(parts)
    remember_first_start(parts)
    followed = follow_events(parts)
    say(f"Events: {followed.read} read, {followed.new} that no webhook had brought.")
    if followed.beyond and not full:
        say("The last event we know is older than Stripe keeps them: everything is compared.")
    whole = full or followed.beyond
    kind, days = (SweepKind.full, None) if whole else (SweepKind.recent, since_days)
    run = run_through(parts, kind, begin=lambda parts: begin_by_command(parts, kind, days), say=say)
    drain(parts)
    post_unbrought(parts)
    swept_at = utc_now()
    outcome = outcome_of(parts, run, drain(parts))
    if whole:
        caught_up(parts, began_at=run.began_at, at=swept_at)
    return outcome


def begin_by_command(parts: Parts, kind: SweepKind, since_days: int | None) -> Run:
    """Begin a sweep that a person asked for, and that only another command goes on with at once."""
    return sweep.begin(
        parts, kind, since_days=since_days, altered=lambda position: replace(position, by_command=True)
    )


def run_through(parts: Parts, kind: SweepKind, *, begin: Callable[[Parts], Run], say: Say) -> Run:
    """Lead a sweep to its end, a command's that was broken off of late or a new one; says how far it is."""
    run = sweep.resume_a_commands(parts, kind)
    if run and _may_go_on(parts, run):
        say(f"Going on where the last one stopped: {_place(run)}.")
    else:
        run = begin(parts)
    seen = 0
    while not sweep.is_over(run):
        place, run = _place(run), _next_page(parts, run)
        seen += 1
        if seen % PAGES_A_LINE == 0 or sweep.is_over(run) or _place(run) != place:
            say(f"  {place}: {seen} {'page' if seen == 1 else 'pages'} read so far")
    sweep.finish(parts, run)
    return run


def _may_go_on(parts: Parts, run: Run) -> bool:
    """Whether what a sweep has read by now still holds: not if that was long ago, or before a restore."""
    with reading(parts.sessions) as session:
        ours = find_deployment(session)
    muted_at = ours.muted_at if ours else None
    return run.began_at > utc_now() - STALE and (muted_at is None or run.began_at >= muted_at)


def _place(run: Run) -> str:
    return "its end" if sweep.is_over(run) else sweep.describe(run)


def outcome_of(parts: Parts, run: Run, still_waiting: list[Wanted]) -> Outcome:
    """Return what a sweep came to, and whether the books agree with Stripe's balance.

    What is at Stripe in a shape that we do not sell waits for ever, and is told of by itself.
    """
    shapes = {told.partition(":")[0] for told in run.position.unsupported}
    with reading(parts.sessions) as session:
        seen = session.get_one(Sweep, run.sweep_id).seen
        differed = count_drifts(session, run.sweep_id)
    return Outcome(
        seen=seen,
        differed=differed,
        unsupported=run.position.unsupported,
        still_waiting=[wanted for wanted in still_waiting if wanted[1] not in shapes],
        balances=compare_balances(parts),
    )


def _next_page(parts: Parts, run: Run) -> Run:
    """Read a page, waiting ever longer for a Stripe that is away."""
    for number in range(TRIES):
        try:
            return sweep.go_on(parts, run)
        except StripeUnavailable as away:
            _record(parts, run, f"StripeUnavailable {away}")
            time.sleep(FIRST_PAUSE_SECONDS * 2**number)
    return sweep.go_on(parts, run)


def _record(parts: Parts, run: Run, error: str) -> None:
    with transaction(parts.sessions) as session:
        record_error(session, run.sweep_id, error)
