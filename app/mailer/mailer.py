"""Sends one message to the configured server."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from app.kernel.errors import SmallFavorError
from app.kernel.network_guard import check_network_allowed

TIMEOUT_SECONDS = 20
_PERMANENT_FROM = 500


class MailNotSent(SmallFavorError):
    """The server did not take the message; `permanent` when asking again is of no use."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class Mailer:
    """A mail server given by `smtp://`, `smtp+starttls://` or `smtps://[user:password@]host[:port]`."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        """Hand over one message.

        Raises: MailNotSent: its text names the error's class and the server's code alone, since
            servers like to repeat the address.
        """
        check_network_allowed()
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            raise MailNotSent(
                f"SMTPRecipientsRefused {codes}", permanent=min(codes) >= _PERMANENT_FROM
            ) from None
        except smtplib.SMTPResponseException as refused:
            code = refused.smtp_code
            permanent = (
                isinstance(refused, smtplib.SMTPDataError | smtplib.SMTPSenderRefused)
                and code >= _PERMANENT_FROM
            )
            raise MailNotSent(f"{type(refused).__name__} {code}", permanent=permanent) from None
        except (OSError, smtplib.SMTPException) as away:
            raise MailNotSent(type(away).__name__, permanent=False) from None

    def check(self) -> None:
        """Connect, sign in and leave. Raises: MailNotSent."""
        check_network_allowed()
        try:
            with self._connect() as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as away:
            raise MailNotSent(type(away).__name__, permanent=False) from None

    def _connect(self) -> smtplib.SMTP:
        host, tls = self._url.hostname or "localhost", self._url.scheme
        if tls == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 25, timeout=TIMEOUT_SECONDS)
        if tls == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        _sign_in(server, self._url)
        return server


def _sign_in(server: smtplib.SMTP, url: SplitResult) -> None:
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
