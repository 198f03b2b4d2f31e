"""The account's clock, Stripe's test clocks, and what survives a crash."""

import threading
from pathlib import Path

import pytest
import stripe

from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, SimulatorProcess


def test_the_clock_starts_where_it_is_told_and_runs(simulator: SimulatorProcess) -> None:
    simulator.reset(now="2025-11-23T12:00:00+00:00")

    customer = simulator.client().v1.customers.create({})

    assert 0 <= customer.created - 1763899200 < 60
    simulator.wait_until(lambda: simulator.now() > customer.created)


def test_the_clock_only_moves_forward(simulator: SimulatorProcess) -> None:
    with pytest.raises(DoorRefused, match="forward"):
        simulator.advance(seconds=-1)


def test_a_year_can_be_walked_up_to_today(shop: Shop) -> None:
    today = shop.simulator.now()
    shop.simulator.reset(now=today - 365 * DAY)
    shop.subscription()

    shop.simulator.advance(to=today)

    created = [invoice["created"] for invoice in shop.simulator.objects("invoice")]
    assert len(created) in (12, 13)
    assert created == sorted(created)
    born = [event["created"] for event in shop.simulator.objects("event")]
    assert born == sorted(born)


def test_a_test_clock_moves_only_what_is_bound_to_it(shop: Shop) -> None:
    start = shop.simulator.now()
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": start, "name": "year"})
    bound = shop.customer(test_clock=clock.id)
    mine = shop.subscription(customer=bound.id)
    other = shop.subscription()

    advancing = shop.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": start + 100 * DAY})
    assert advancing.status == "advancing"
    shop.simulator.wait_until(lambda: shop.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready")

    assert len(shop.v1.invoices.list({"subscription": mine.id}).data) == 4
    assert len(shop.v1.invoices.list({"subscription": other.id}).data) == 1
    assert shop.v1.test_helpers.test_clocks.retrieve(clock.id).frozen_time == start + 100 * DAY
    assert shop.simulator.now() < start + DAY
    assert shop.event_types()[-1] == "test_helpers.test_clock.ready"


def test_a_test_clock_does_not_go_back(shop: Shop) -> None:
    now = shop.simulator.now()
    clock = shop.v1.test_helpers.test_clocks.create({"frozen_time": now})

    with pytest.raises(stripe.InvalidRequestError, match="in the past"):
        shop.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": now - 1})


def test_nothing_that_was_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "stripe.db"
    with SimulatorProcess().start(state=state) as simulator:
        for _ in range(5):
            acknowledged = kill_while_writing(simulator)
            simulator.start(state=state)

            kept = {one["name"] for one in simulator.objects("customer")}

            assert acknowledged <= kept
            assert len(acknowledged) > 5


def kill_while_writing(simulator: SimulatorProcess) -> set[str]:
    """Write from four threads and kill the process among it. Returns: what was acknowledged."""
    acknowledged: set[str] = set()
    enough = threading.Event()

    def write(thread: int) -> None:
        client = simulator.client()
        for number in range(10_000):
            name = f"{simulator.pid}-{thread}-{number}"
            try:
                client.v1.customers.create({"name": name})
            except stripe.APIConnectionError:
                return
            acknowledged.add(name)
            if len(acknowledged) > 20:
                enough.set()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    enough.wait(timeout=20)
    process = simulator.kill()
    for thread in threads:
        thread.join()
    assert process < 0
    return acknowledged


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    state = tmp_path / "stripe.db"
    with SimulatorProcess().start(state=state, now="2026-01-31T10:00:00") as simulator:
        shop = Shop(simulator)
        shop.subscription()
        simulator.advance(to="2026-02-20T00:00:00")
        made = shop.v1.customers.create({}, {"idempotency_key": "restart"})
        before = simulator.now()
        assert simulator.stop() == 0
        simulator.start(state=state)
        shop = Shop(simulator)

        assert 0 <= simulator.now() - before < 600
        assert shop.v1.customers.create({}, {"idempotency_key": "restart"}).id == made.id
        simulator.advance(to="2026-03-01T00:00:00")
        assert [one["status"] for one in simulator.objects("invoice")] == ["paid", "paid"]


def test_a_kill_in_the_middle_of_an_advance_loses_and_doubles_nothing(tmp_path: Path) -> None:
    state = tmp_path / "stripe.db"
    with SimulatorProcess().start(state=state, now="2025-01-15T10:00:00") as simulator:
        shop = Shop(simulator)
        for _ in range(5):
            shop.subscription()
        thread = threading.Thread(target=advance_quietly, args=(simulator,))
        thread.start()
        simulator.wait_until(lambda: state_grew(state))
        simulator.kill()
        thread.join()
        simulator.start(state=state)

        simulator.advance(to="2026-01-16T00:00:00")

        months: dict[tuple[str, int], int] = {}
        for invoice in simulator.objects("invoice"):
            [line] = invoice["lines"]["data"]
            key = (line["subscription"], line["period"]["start"])
            months[key] = months.get(key, 0) + 1
        assert len(months) == 5 * 13
        assert set(months.values()) == {1}


def advance_quietly(simulator: SimulatorProcess) -> None:
    """Advance a year in a process that will not live to answer."""
    try:
        simulator.advance(to="2026-01-15T00:00:00")
    except OSError:
        return


def state_grew(state: Path) -> bool:
    """Whether the advance has begun to write."""
    journal = state.with_name(state.name + "-wal")
    return journal.stat().st_size > 1_500_000


def test_it_ends_cleanly(tmp_path: Path) -> None:
    simulator = SimulatorProcess().start(state=tmp_path / "s.db")

    assert simulator.stop() == 0
