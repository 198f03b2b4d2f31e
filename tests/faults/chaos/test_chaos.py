"""After months of everything going wrong at once, one reconcile leaves no difference to Stripe."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.access import parts_of
from app.factory import create_app
from app.kernel.clock import utc_now
from config.settings import Settings
from tests.conftest import make_settings
from tests.faults.chaos.ending import converge, faults_of
from tests.faults.chaos.run import ChaosRun
from tests.faults.newsroom import Newsroom
from tests.support.mail import MailCatcher
from tests.support.processes import ROOT
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

LIVES = int(os.environ.get("SF_CHAOS_LIVES", "60"))
SEED = int(os.environ.get("SF_CHAOS_SEED", "2026")) or random.SystemRandom().randrange(1, 10**9)
"""The same lives each time among the tests; `make chaos` throws the dice. How they fall together in time
is never the same."""
BEGIN = "2027-10-05T10:00:00"
"""The run crosses a new year, an end of summer time and three ends of a month."""
WORKERS = 2
SEEDS = ROOT / "test-results" / "chaos-seeds.txt"


@pytest.fixture
def lasting_stripe(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """A local Stripe that keeps its state in a file."""
    with SimulatorProcess().start(state=tmp_path / "stripe.db", now=BEGIN) as process:
        yield process


@pytest.fixture
def of_newsroom(database_url: str, lasting_stripe: SimulatorProcess, mails: MailCatcher) -> Settings:
    return make_settings(database_url, stripe_url=lasting_stripe.url, smtp_url=mails.url)


@pytest.fixture
def newsroom(of_newsroom: Settings, lasting_stripe: SimulatorProcess, tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom(of_newsroom, lasting_stripe, tmp_path, workers=WORKERS)
    made.open()
    yield made
    made.close()


@pytest.fixture
def product(of_newsroom: Settings) -> Flask:
    """The product in the test's own process, for its commands."""
    return create_app(of_newsroom)


@pytest.fixture
def afterwards(product: Flask, lasting_stripe: SimulatorProcess) -> Iterator[World]:
    """The same, to come through with and to look with."""
    parts = parts_of(product)
    yield World(parts, lasting_stripe)
    parts.sessions.kw["bind"].dispose()


def keep_seed() -> None:
    """Print the seed, and keep it beside those of the runs before."""
    print(f"chaos: LIVES={LIVES} SEED={SEED}")
    SEEDS.parent.mkdir(exist_ok=True)
    with SEEDS.open("a") as kept:
        kept.write(f"{utc_now():%Y-%m-%d %H:%M:%S} LIVES={LIVES} SEED={SEED}\n")


def test_after_months_of_chaos_one_reconcile_leaves_no_difference(
    newsroom: Newsroom, product: Flask, afterwards: World, mails: MailCatcher
) -> None:
    keep_seed()
    run, began = ChaosRun(newsroom, afterwards.parts, lives=LIVES, seed=SEED), time.monotonic()

    run.run()
    lived = time.monotonic()
    reconciled_at = converge(newsroom, product, afterwards)

    print(f"lived {lived - began:.0f} s, converged {time.monotonic() - lived:.0f} s")
    print(f"kills {dict(run.reaper.kills)}\ndeeds {dict(sorted(run.dashboard.did.items()))}")
    print(f"asks {dict(sorted(run.desk.asked.items()))}")
    faults = faults_of(afterwards, mails, reconciled_at=reconciled_at)
    assert not faults, "\n".join([f"make chaos LIVES={LIVES} SEED={SEED}: {len(faults)} faults", *faults])
