"""Asking for a link tells nobody whose address is known: not by the answer's bytes, nor by its time."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from app.access import parts_of
from app.db import reading, transaction
from app.factory import create_app
from app.flows.parts import Parts
from app.flows.sign_in import Asking, ask_to_sign_in, make_keys
from app.kernel.clock import utc_now
from app.schema import metadata
from app.signing_in.models import SignInRequest
from app.web.reader.manage.even_time import BEAT, BEAT_SECONDS
from config.settings import Settings
from tests.support.cast import reader
from tests.support.records import add_member
from tests.support.two_samples import chance_of_gap

EACH = 500
AT_ONCE = 12
SUSPICIOUS = 0.001
"""So rarely would answers that cannot be told apart look as if they could."""


@dataclass(frozen=True)
class Reply:
    """All of one answer that somebody outside can see."""

    seen: tuple[Any, ...]
    seconds: float


@pytest.fixture
def proxied(settings: Settings) -> Iterator[Flask]:
    """The product behind one proxy, so that every reader comes from a network of their own."""
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    yield app
    parts_of(app).sessions.kw["bind"].dispose()


def known(number: int) -> str:
    return reader(10_000 + number).address


def unknown(number: int) -> str:
    return reader(20_000 + number).address


def ask(app: Flask, path: str, number: int, form: dict[str, str]) -> Reply:
    headers = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
    client, began = app.test_client(), time.perf_counter()
    answer = client.post(path, data=form, headers=headers)
    seconds = time.perf_counter() - began
    return Reply((answer.status_code, tuple(answer.headers), answer.data), seconds)


def make_members(parts: Parts) -> None:
    with transaction(parts.sessions) as session:
        for number in range(EACH):
            add_member(
                session, parts.vault.get_or_add_person(session, reader(10_000 + number), now=utc_now())
            )


def rows_by_table(parts: Parts) -> dict[str, int]:
    with reading(parts.sessions) as session:
        return {
            name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def ask_interleaved(app: Flask, path: str, **typed: str) -> tuple[list[Reply], list[Reply]]:
    """Ask for a known address, an unknown one, a known one …, several at once."""
    addresses = list(chain.from_iterable((known(number), unknown(number)) for number in range(EACH)))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        replies = list(
            pool.map(
                lambda place: ask(app, path, place[0], {"email": place[1], **typed}), enumerate(addresses)
            )
        )
    return replies[::2], replies[1::2]


def test_500_known_and_500_unknown_addresses_cannot_be_told_apart(proxied: Flask) -> None:
    """Edge 23: the same for known and unknown addresses, in bytes and in time, and creates nothing."""
    parts = parts_of(proxied)
    make_members(parts)
    before = rows_by_table(parts)

    of_known, of_unknown = ask_interleaved(proxied, "/manage/sign-in")

    assert len({reply.seen for reply in (*of_known, *of_unknown)}) == 1
    chance = chance_of_gap([one.seconds for one in of_known], [one.seconds for one in of_unknown])
    assert chance > SUSPICIOUS, chance
    assert min(one.seconds for one in (*of_known, *of_unknown)) >= BEAT_SECONDS
    after = rows_by_table(parts)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"sign_in_requests": EACH, "outbox_mails": EACH}


def test_a_wrong_code_is_answered_the_same_for_known_and_unknown_addresses(proxied: Flask) -> None:
    """Edge 23, at the other door: the answer differs by nothing but the address that was typed."""
    parts = parts_of(proxied)
    proxied.config[BEAT] = 0.001
    make_members(parts)
    ask_to_sign_in(parts, Asking(address=known(0), network=""), language="en", now=utc_now())
    make_keys(parts, only_request(parts), now=utc_now())
    replies = [
        ask(proxied, "/manage/sign-in/code", number, {"email": address, "code": "AAAA-AAAA"})
        for number, address in enumerate((known(0), known(1), unknown(0), unknown(1)))
    ]

    seen = {
        (reply.seen[0], reply.seen[2].replace(address.encode(), b""))
        for reply, address in zip(replies, (known(0), known(1), unknown(0), unknown(1)), strict=True)
    }
    assert len(seen) == 1


def only_request(parts: Parts) -> UUID:
    with reading(parts.sessions) as session:
        return session.scalars(sa.select(SignInRequest.id)).one()
