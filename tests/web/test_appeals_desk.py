"""The desk's page on appeals, and the command that says the same."""

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.appeals.models import AppealCount
from app.db import Sessions, transaction
from app.flows.parts import Parts
from app.kernel.clock import local_date, utc_now


def show(parts: Parts, sessions: Sessions) -> None:
    day = local_date(utc_now(), parts.newsroom.zone)
    rows = [
        {"day": day, "variant": variant, "campaign_slug": "spring", "shown": 12_000, "continued": 150}
        for variant in ("main", "open")
    ]
    with transaction(sessions) as session:
        session.execute(sa.insert(AppealCount).values(rows))


def test_the_page_shows_counts_and_says_not_enough_yet(
    desk: FlaskClient, parts: Parts, sessions: Sessions
) -> None:
    show(parts, sessions)

    page = desk.get("/staff/appeals?campaign=spring").text

    assert "12,000" in page
    assert "Not enough yet" in page
    assert "This article is free to read" in page
    assert "-0.6 to +0.6" in page


def test_before_anything_was_shown_there_is_nothing_to_read(desk: FlaskClient) -> None:
    page = desk.get("/staff/appeals")

    assert page.status_code == 200
    assert "Not enough yet" in page.text


def test_days_that_are_none_are_named(desk: FlaskClient) -> None:
    answer = desk.get("/staff/appeals?from=spring")

    assert answer.status_code == 400
    assert "“From” is not a day" in answer.text


def test_the_page_is_for_staff_alone(client: FlaskClient) -> None:
    assert client.get("/staff/appeals").status_code == 302


def test_the_command_says_the_same(app: Flask, parts: Parts, sessions: Sessions) -> None:
    show(parts, sessions)

    result = app.test_cli_runner().invoke(args=["report", "appeals", "--campaign", "spring"])

    assert result.exit_code == 0, result.output
    assert "main: shown 12000, continued 150, pledged 0, paid 0; 0.0 paid per 1,000 shown\n" in result.output
    assert "-0.6 to +0.6 beside main, not enough yet" in result.output
