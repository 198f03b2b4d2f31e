"""No network call while a transaction holds its locks."""

import threading

import pytest

from app.kernel.network_guard import NetworkInsideTransaction, check_network_allowed, network_forbidden


def test_the_network_is_allowed_outside_of_any_transaction() -> None:
    check_network_allowed()


def test_the_network_is_forbidden_inside_and_allowed_again_after() -> None:
    with network_forbidden(), pytest.raises(NetworkInsideTransaction):
        check_network_allowed()

    check_network_allowed()


def test_an_inner_transaction_that_ends_does_not_open_the_outer_one() -> None:
    with network_forbidden():
        with network_forbidden():
            pass

        with pytest.raises(NetworkInsideTransaction):
            check_network_allowed()


def test_an_error_inside_does_not_leave_the_guard_up() -> None:
    with pytest.raises(ZeroDivisionError), network_forbidden():
        raise ZeroDivisionError

    check_network_allowed()


def test_one_threads_transaction_does_not_forbid_anothers_call() -> None:
    allowed = []

    def call() -> None:
        check_network_allowed()
        allowed.append(True)

    with network_forbidden():
        other = threading.Thread(target=call)
        other.start()
        other.join()

    assert allowed == [True]
