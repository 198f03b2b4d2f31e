"""A real SMTP server that keeps what it takes."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port


class MailCatcher:
    """Takes every mail but those whose recipient it was told to refuse."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        """Recipient to the server's answer, such as `550 no such mailbox`."""
        self._port = free_port()
        self._controller = self._new_controller()

    def _new_controller(self) -> Controller:
        return Controller(self, hostname="127.0.0.1", port=self._port)

    def start(self) -> None:
        """Listen on a free port, the same one after a stop."""
        self._controller = self._new_controller()
        self._controller.start()

    def stop(self) -> None:
        """Stop listening: the mail server is away."""
        self._controller.stop()

    @property
    def url(self) -> str:
        """The address for SMTP_URL."""
        return f"smtp://127.0.0.1:{self._port}"

    def clear(self) -> None:
        """Forget all mail and all refusals."""
        self.messages.clear()
        self.refusals.clear()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer for one recipient."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message."""
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"
