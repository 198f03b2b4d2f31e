"""The note behind a link back to the newsroom: a kind and a day, readable by a script, signed by us."""

import base64
import json
from dataclasses import replace
from datetime import date

import pytest

from app.flows.parts import Parts
from app.flows.supporter_token import (
    NoteUnknown,
    SupporterNote,
    TokenKind,
    note_from,
    read_note,
    sign_note,
    way_back,
)

TODAY = date(2026, 11, 3)
NOTE = SupporterNote(kind=TokenKind.gave, until=date(2026, 12, 15))


def test_a_gift_made_once_gives_the_newsrooms_weeks_and_support_that_goes_on_a_year() -> None:
    assert note_from(TokenKind.gave, TODAY, quiet_weeks=6) == NOTE
    assert note_from(TokenKind.supporter, TODAY, quiet_weeks=6).until == date(2027, 11, 3)


def test_a_note_is_read_as_it_was_written(parts: Parts) -> None:
    assert read_note(parts, sign_note(parts, NOTE)) == NOTE


def test_a_script_reads_it_without_a_key_and_finds_nobody_in_it(parts: Parts) -> None:
    said = sign_note(parts, NOTE).partition(".")[0]

    assert json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4))) == {
        "kind": "gave",
        "until": "2026-12-15",
    }


def test_an_altered_note_is_not_ours(parts: Parts) -> None:
    said, _, signature = sign_note(parts, NOTE).partition(".")
    longer = base64.urlsafe_b64encode(b'{"kind":"supporter","until":"2099-01-01"}').rstrip(b"=").decode()

    for altered in (f"{longer}.{signature}", f"{said}.", said, "", "é.é", f"{said}.{signature[:-1]}"):
        with pytest.raises(NoteUnknown):
            read_note(parts, altered)


def test_keys_rotate_without_a_gap(parts: Parts) -> None:
    rotated = replace(parts, signing_keys=("a-new-key-of-thirty-two-characters", *parts.signing_keys))

    assert read_note(rotated, sign_note(parts, NOTE)) == NOTE


def test_the_way_back_carries_it_where_no_server_sees_it(parts: Parts) -> None:
    address, _, token = way_back(parts, NOTE).partition("#small-favor=")

    assert address == parts.newsroom.website
    assert read_note(parts, token) == NOTE
    assert way_back(parts, None) == parts.newsroom.website
