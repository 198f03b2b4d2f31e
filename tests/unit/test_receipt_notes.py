"""What a receipt says of a dispute, by how far it has gone."""

from datetime import UTC, datetime

import pytest

from app.receipts.models import NoteKind
from app.receipts.notes import DisputeStory, notes_of_dispute

TAKEN, LOST, BACK = (datetime(2026, 11, day, tzinfo=UTC) for day in (3, 20, 25))


def story(
    *,
    by_debit: bool = False,
    taken: datetime | None = TAKEN,
    lost: datetime | None = None,
    back: datetime | None = None,
) -> DisputeStory:
    return DisputeStory(by_debit=by_debit, withdrawn_at=taken, returned_at=back, lost_at=lost)


@pytest.mark.parametrize(
    ("told", "notes"),
    [
        (story(), [(NoteKind.disputed, TAKEN)]),
        (story(lost=LOST), [(NoteKind.disputed, TAKEN), (NoteKind.dispute_lost, LOST)]),
        (story(back=BACK), [(NoteKind.disputed, TAKEN), (NoteKind.dispute_won, BACK)]),
        (
            story(lost=LOST, back=BACK),
            [(NoteKind.disputed, TAKEN), (NoteKind.dispute_lost, LOST), (NoteKind.dispute_won, BACK)],
        ),
        (story(by_debit=True), [(NoteKind.debit_returned, TAKEN)]),
        (story(by_debit=True, lost=LOST), [(NoteKind.debit_returned, TAKEN)]),
        (story(by_debit=True, back=BACK), [(NoteKind.debit_returned, TAKEN), (NoteKind.dispute_won, BACK)]),
        (story(taken=None), []),
        (story(taken=None, lost=LOST), []),
    ],
)
def test_a_receipt_tells_of_a_dispute_what_happened_and_no_more(
    told: DisputeStory, notes: list[tuple[NoteKind, datetime]]
) -> None:
    assert notes_of_dispute(told) == notes
