"""What readers wrote with their support: the list, a mark on each that is read, and all as a file."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading, transaction
from app.flows.notes import NoteInClear, open_notes
from app.flows.parts import Parts
from app.giving.notes import list_notes, mark_read
from app.kernel.clock import local_date, utc_now
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.exports import Batches, Kind, Line, send_file
from app.web.staff.log import log

PAGE_LENGTH = 50
BATCH_LENGTH = 500
HEADER = ("day", "member", "kind", "words", "read")
KINDS_IN_WORDS = {"word": "A word to the newsroom", "honour": "In honour of", "memory": "In memory of"}


@blueprint.get("/notes")
def notes() -> ResponseReturnValue:
    """Show what readers wrote, newest first: what nobody has read yet, or all."""
    shows_all, before = request.args.get("show") == "all", _read_before()
    with reading(parts().sessions) as session:
        sealed = list_notes(session, unread_only=not shows_all, before=before, limit=PAGE_LENGTH + 1)
        opened = open_notes(session, parts().vault, sealed[:PAGE_LENGTH])
    return render_template(
        "staff/notes.html",
        notes=opened,
        kinds_in_words=KINDS_IN_WORDS,
        shows_all=shows_all,
        before=sealed[PAGE_LENGTH - 1].id if len(sealed) > PAGE_LENGTH else None,
        is_first_page=before is None,
    )


@blueprint.post("/notes/<uuid:note_id>/read")
def note_read(note_id: UUID) -> ResponseReturnValue:
    """Mark a note as read."""
    with transaction(parts().sessions) as session:
        marked = mark_read(session, note_id, now=utc_now())
    log.info("note_read", note_id=str(note_id), marked=marked, staff_id=pages.staff_id())
    return redirect(url_for("staff.notes"))


@blueprint.get("/notes/export.<any(csv, xlsx):kind>")
def notes_export(kind: Kind) -> ResponseReturnValue:
    """Hand out every note as a file."""
    log.info("staff_exported", what="notes", kind=kind, staff_id=pages.staff_id())
    return send_file(kind, f"notes-{pages.today()}", HEADER, _batches(parts()))


def _batches(joined: Parts) -> Batches:
    """Yield every note; each batch is read by itself, so that no lock is held meanwhile."""
    before = None
    while True:
        with reading(joined.sessions) as session:
            some = list_notes(session, unread_only=False, before=before, limit=BATCH_LENGTH)
            opened = open_notes(session, joined.vault, some)
        if not some:
            return
        yield [_row(note, joined.newsroom.zone) for note in opened]
        before = some[-1].id


def _row(note: NoteInClear, zone: ZoneInfo) -> Line:
    day = f"{local_date(note.created_at, zone)}"
    return day, note.member_code, note.kind.value, note.text, "yes" if note.read_at else "no"


def _read_before() -> UUID | None:
    try:
        return UUID(request.args.get("before", ""))
    except ValueError:
        return None
