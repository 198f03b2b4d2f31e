"""What a subject says arrives as it was written, whatever its length and script."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from uuid import UUID

import pytest

from app.outbox.compose import Envelope, Letter, compose
from app.vault.vault import PersonInClear
from config.newsroom import load_newsroom
from tests.conftest import NEWSROOM

SUBJECTS = (
    "Your receipt HC-2026-000123",
    "The Harbour Courier: ваша поддержка завершена",
    "Спасибо за поддержку The Harbour Courier: квитанция HC-2026-000123",
)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("pushed_by", range(30))
def test_no_space_of_a_subject_is_lost_where_its_line_is_folded(subject: str, pushed_by: int) -> None:
    written = f"{'x' * pushed_by} {subject}".strip()

    assert arrived(written)["Subject"] == written


@pytest.mark.parametrize("letters", range(1, 78, 3))
def test_no_space_of_a_name_is_lost_either(letters: int) -> None:
    name = "Анна Мария Константинопольская де ля Круа фон Штауффенберг унд цу Гуттенберг"[:letters].strip()

    assert arrived("Ваша квитанция", name=name)["To"] == f"{name} <ada@example.org>"


def test_no_line_of_the_header_is_too_long() -> None:
    lines = sent(SUBJECTS[2]).partition(b"\n\n")[0].splitlines()

    assert max(map(len, lines)) <= 78


def arrived(subject: str, *, name: str = "Ада") -> dict[str, str]:
    """Return the headers as the standard reads them; Python's newer reader puts spaces into names itself."""
    message = message_from_bytes(sent(subject, name=name), policy=policy.compat32)
    return {kind: str(make_header(decode_header(value))) for kind, value in message.items()}


def sent(subject: str, *, name: str = "Ада") -> bytes:
    letter = Letter(subject=subject, heading="", opening=[])
    envelope = Envelope(
        mail_id=UUID(int=1),
        mail_from="receipts@harbour-courier.example",
        recipient=PersonInClear(address="ada@example.org", name=name),
        written_at=datetime(2026, 11, 25, tzinfo=UTC),
        language="ru",
    )
    return compose(letter, envelope, load_newsroom(NEWSROOM)).as_bytes()
