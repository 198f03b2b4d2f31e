"""The folder that keeps the demo's state: keys, databases, mails, logs. Nothing is written elsewhere."""

import base64
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = ROOT / "instance" / "demo"
STAFF_ADDRESS = "cleo@harbour-courier.example"
_PASSWORD_LETTERS = "bcdfghjkmnpqrstvwxyz"  # noqa: S105 (an alphabet without letters that look alike)


class AlreadyRunning(Exception):
    """Another demo has this folder."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Secrets made by chance, once, for this folder alone."""

    secret_key: str
    vault_key: str
    stripe_secret_key: str
    webhook_secret: str
    staff_password: str
    totp_secret: str


class Folder:
    """Paths by name, and what is read from and written to them by the demo itself."""

    def __init__(self, top: Path) -> None:
        self.top = top.resolve()
        self.database = self.top / "small-favor.db"
        self.stripe = self.top / "stripe.db"
        self.mail = self.top / "mail"
        self.logs = self.top / "logs"
        self._keys = self.top / "keys.json"
        self._complete = self.top / "complete"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder and hold it. Raises: AlreadyRunning."""
        self.top.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        with (self.top / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlreadyRunning(f"A demo already runs on {self.top}.") from None
            yield

    def keys(self) -> Keys:
        """Return the folder's keys, made now if it has none."""
        if not self._keys.exists():
            fresh = self._keys.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(asdict(_make_keys()), file, indent=2)
            fresh.replace(self._keys)
        return Keys(**json.loads(self._keys.read_text()))

    @property
    def is_complete(self) -> bool:
        """Whether the first start went through to its end."""
        return self._complete.exists()

    @property
    def is_begun(self) -> bool:
        """Whether a first start has left anything."""
        return self.stripe.exists() or self.database.exists()

    def mark_complete(self) -> None:
        """Record that the newsroom's past is whole."""
        self._complete.touch()

    def clear(self) -> None:
        """Forget all but the keys: half a past cannot be gone on with."""
        for database in (self.database, self.stripe):
            for path in self.top.glob(f"{database.name}*"):
                path.unlink()
        shutil.rmtree(self.mail, ignore_errors=True)


def _make_keys() -> Keys:
    return Keys(
        secret_key=secrets.token_urlsafe(32),
        vault_key=secrets.token_urlsafe(32),
        stripe_secret_key=f"sk_test_{secrets.token_hex(16)}",
        webhook_secret=f"whsec_{secrets.token_hex(24)}",
        staff_password="-".join(_syllables() for _ in range(4)),
        totp_secret=base64.b32encode(secrets.token_bytes(20)).decode(),
    )


def _syllables() -> str:
    return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(4))
