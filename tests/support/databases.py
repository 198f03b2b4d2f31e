"""Fresh, migrated databases of both kinds, copied from a template made once."""

import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

from alembic import command

from app.migration_state import alembic_config
from tests.support.postgres import PostgresServer

MEMORY = Path("/dev/shm")
BOTH = ("sqlite", "postgresql")


class Databases:
    """Hands out migrated databases; everything is removed at the end.

    Unless they are to be `durable`, as for measuring, files lie in memory where the machine offers
    it: what dies in tests are processes, never the machine.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        in_memory = None if durable or not MEMORY.is_dir() else MEMORY
        self._folder = Path(tempfile.mkdtemp(prefix="sf-db-", dir=in_memory))
        self._postgres: PostgresServer | None = None
        self._templates: dict[str, str] = {}

    @property
    def postgres(self) -> PostgresServer:
        """The server, started when first asked for."""
        self._postgres = self._postgres or PostgresServer(durable=self._durable)
        return self._postgres

    def create(self, kind: str) -> str:
        """Return the address of a fresh database at the newest migration."""
        template = self.template(kind)
        if kind == "postgresql":
            return self.postgres.create(template)
        copy = self.create_empty(kind)
        shutil.copyfile(template.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
        return copy

    def template(self, kind: str) -> str:
        """Return the address of the migrated database that all others are copied from."""
        if kind not in self._templates:
            self._templates[kind] = self.create_empty(kind)
            command.upgrade(alembic_config(self._templates[kind]), "head")
        return self._templates[kind]

    def create_empty(self, kind: str) -> str:
        """Return the address of a database without tables."""
        if kind == "postgresql":
            return self.postgres.create()
        return f"sqlite:///{self._folder / uuid4().hex}.db"

    def drop(self, url: str) -> None:
        """Remove a database."""
        if url.startswith("postgresql"):
            self.postgres.drop(url)
            return
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove everything."""
        if self._postgres:
            self._postgres.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
