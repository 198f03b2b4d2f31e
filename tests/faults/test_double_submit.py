"""The same form sent fifty times at once to the real server opens one session."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.kernel.ids import new_nonce
from config.settings import Settings
from tests.support.cast import reader
from tests.support.processes import WebProcess, environment_of
from tests.support.simulator import SimulatorProcess
from tests.support.visitor import Answer, Visitor

ROUNDS = 100
POSTS = 50


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(environment_of(settings), tmp_path / "web.log")
    process.start()
    yield process
    process.stop()


def test_fifty_posts_at_once_open_one_session_a_hundred_times(
    web: WebProcess, stripe: SimulatorProcess
) -> None:
    visitor, together = Visitor(web.url), Barrier(POSTS)

    def post(number: int, nonce: str) -> Answer:
        together.wait(timeout=60)
        return visitor.send_form(reader(number), nonce=nonce)

    with ThreadPoolExecutor(POSTS) as crowd:
        for number in range(ROUNDS):
            nonce = new_nonce()
            answers = list(crowd.map(lambda _, n=number, same=nonce: post(n, same), range(POSTS)))
            check_round(answers, stripe)

    sessions = stripe.objects("checkout.session")
    assert len(sessions) == ROUNDS
    assert len({session["metadata"]["pledge"] for session in sessions}) == ROUNDS
    assert len([one for one in stripe.requests() if one["method"] == "POST"]) == ROUNDS


def check_round(answers: list[Answer], stripe: SimulatorProcess) -> None:
    """Every answer leads to one page at Stripe, or to the page that waits for it."""
    assert {answer.status for answer in answers} == {303}
    at_stripe = {answer.location for answer in answers if not answer.is_waiting}
    assert len(at_stripe) == 1
    assert at_stripe.pop().startswith(stripe.url)
