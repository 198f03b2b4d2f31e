"""Keep what readers may add to a pledge: words to the newsroom, and the wish for a mail if unfinished.

Until a pledge is paid its words are with the contact, which is forgotten; then they stand in a row of their
own, sealed by their giver's key. What Stripe's page says of fees is frozen with the pledge's other words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = ("word", "honour", "memory")


def upgrade() -> None:
    op.add_column("vault_contacts", sa.Column("sealed_note", sa.LargeBinary(), nullable=True))
    op.add_column("pledges", sa.Column("agreed_words", sa.String(length=500), nullable=True))
    _create_notes()
    _create_wishes()


def _create_notes() -> None:
    kind = sa.Enum(*KINDS, name="notekind", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "pledge_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledges.id"], name=op.f("fk_pledge_notes_pledge_id_pledges")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_notes")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_pledge_notes_pledge_id")),
    )
    op.create_index(op.f("ix_pledge_notes_member_id"), "pledge_notes", ["member_id"])


def _create_wishes() -> None:
    op.create_table(
        "resume_wishes",
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledges.id"], name=op.f("fk_resume_wishes_pledge_id_pledges")
        ),
        sa.PrimaryKeyConstraint("address_digest", name=op.f("pk_resume_wishes")),
        sa.UniqueConstraint("pledge_id", name=op.f("uq_resume_wishes_pledge_id")),
    )
    op.create_index(op.f("ix_resume_wishes_due_at"), "resume_wishes", ["due_at"])


def downgrade() -> None:
    op.drop_table("resume_wishes")
    op.drop_table("pledge_notes")
    op.drop_column("pledges", "agreed_words")
    op.drop_column("vault_contacts", "sealed_note")
