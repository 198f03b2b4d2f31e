"""Sweeps: every object of Stripe's lists compared with our rows, page by page, to be gone on with."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.parts import Parts
from app.flows.reconcile.gone import remember_listed
from app.flows.reconcile.mending import mend
from app.flows.reconcile.pages import compare_page, fetch_page
from app.flows.reconcile.present import fetch_present
from app.flows.reconcile.run import Run
from app.flows.reconcile.steps import CUSTOMERS, LOOKS, STEPS, Step
from app.kernel.clock import utc_now
from app.reconciliation.models import Sweep, SweepKind
from app.reconciliation.positions import Position, load_position
from app.reconciliation.sweeps import begin_sweep, find_unfinished, finish_sweep, record_page, take_over

NEWS_DAYS = 7
"""What is older is mailed to nobody when a sweep finds it."""
BROKEN_OFF = timedelta(minutes=2)
"""A sweep that nobody touched for so long can be gone on with."""


def begin(
    parts: Parts,
    kind: SweepKind,
    *,
    since_days: int | None = None,
    altered: Callable[[Position], Position] = lambda position: position,
) -> Run:
    """Begin a sweep, of what was made in so many days or of everything."""
    present = fetch_present(parts, parts.gateway.lists.newest_event())
    position = Position(
        present=present,
        silent_before=present - timedelta(days=NEWS_DAYS),
        since=present - timedelta(days=since_days) if since_days else None,
    )
    with transaction(parts.sessions) as session:
        return run_of(begin_sweep(session, kind, altered(position), now=utc_now()))


def resume(parts: Parts, kind: SweepKind, *, idle: timedelta = BROKEN_OFF) -> Run | None:
    """Go on with the newest sweep of a kind, if it was broken off and nobody is at it."""
    with transaction(parts.sessions) as session:
        return _resume(session, find_unfinished(session, kind), idle=idle)


def resume_a_commands(parts: Parts, kind: SweepKind) -> Run | None:
    """Go on at once with the newest sweep of a kind, if a command began it and was broken off.

    A worker's is left alone: what it read may be days old, and a person who compares means the present.
    """
    with transaction(parts.sessions) as session:
        sweep = find_unfinished(session, kind)
        return _resume(session, sweep if sweep and _is_a_commands(sweep) else None, idle=timedelta(0))


def _is_a_commands(sweep: Sweep) -> bool:
    """Whether a command began it; no worker ever begins a backfill."""
    return sweep.kind is SweepKind.backfill or run_of(sweep).position.by_command


def _resume(session: Session, sweep: Sweep | None, *, idle: timedelta) -> Run | None:
    if sweep is None or not take_over(session, sweep, idle=idle, now=utc_now()):
        return None
    return run_of(sweep)


def is_under_way(parts: Parts, kind: SweepKind) -> bool:
    """Whether a sweep of this kind was begun and has not come to its end."""
    with reading(parts.sessions) as session:
        return find_unfinished(session, kind) is not None


def describe(run: Run) -> str:
    """Return which list a sweep reads now, for those who watch it."""
    step = STEPS[run.kind][run.position.step]
    return f"{step.object_type.value.replace('_', ' ')}s" if isinstance(step, Step) else LOOKS[step]


def is_over(run: Run) -> bool:
    """Whether a sweep has read its last list."""
    return run.position.step >= len(STEPS[run.kind])


def go_on(parts: Parts, run: Run) -> Run:
    """Read one more page, mend what differs on it, and keep the place behind it.

    Raises: StripeUnavailable, StripeRefused: the place is kept. SweepTaken: another process is at it.
    """
    step = STEPS[run.kind][run.position.step]
    if isinstance(step, Step):
        return _read_list(parts, run, step)
    seen, go_on_after = step(parts, run)
    return _keep(parts, run, _behind(run.position, go_on_after), seen=seen)


def _read_list(parts: Parts, run: Run, step: Step) -> Run:
    page = fetch_page(parts, run, step)
    mend(parts, run, step, compare_page(parts, run, step, page))
    if step is CUSTOMERS and run.position.since is None:
        remember_listed(parts, [one.id for one in page.listed])
    position = run.position.with_unsupported(
        f"{one.id}: {one.unsupported}" for one in page.listed if one.unsupported and step.counts
    )
    behind = _behind(position, page.go_on_after)
    return _keep(parts, run, behind, seen=len(page.listed) if step.counts else 0)


def _behind(position: Position, go_on_after: str | None) -> Position:
    return position.after_page(go_on_after) if go_on_after else position.on_the_next_step()


def _keep(parts: Parts, run: Run, position: Position, *, seen: int) -> Run:
    now = utc_now()
    with transaction(parts.sessions) as session:
        record_page(session, run.sweep_id, position, seen=seen, held_at=run.held_at, now=now)
    return run.at(position, now=now)


def finish(parts: Parts, run: Run) -> None:
    """Record that everything was seen."""
    with transaction(parts.sessions) as session:
        finish_sweep(session, run.sweep_id, now=utc_now())


def run_of(sweep: Sweep) -> Run:
    """Return a stored sweep as it is gone on with."""
    assert sweep.position is not None  # noqa: S101 (set from the beginning on)
    return Run(
        sweep_id=sweep.id,
        kind=sweep.kind,
        position=load_position(sweep.position),
        began_at=sweep.started_at,
        held_at=sweep.touched_at,
    )
