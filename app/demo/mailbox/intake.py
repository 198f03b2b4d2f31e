"""The SMTP side: every mail is taken and kept."""

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.demo.mailbox.store import Store

LARGEST_BYTES = 20_000_000


class Intake:
    """Answers aiosmtpd for each mail."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep one mail before it is acknowledged."""
        content = envelope.content or b""
        self._store.add(content if isinstance(content, bytes) else content.encode())
        return "250 Kept"
