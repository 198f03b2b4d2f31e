"""The desk's blueprint, and the fence around what its extensions hook into."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Flask

ADDRESS = "/staff"
DESK_BLUEPRINTS = ("staff", "security")

blueprint = Blueprint("staff", __name__, url_prefix=ADDRESS)


@contextmanager
def hooks_for_the_desk_alone(app: Flask) -> Iterator[None]:
    """Keep every hook that is put on the whole app inside the block for the desk's blueprints.

    Flask-Login and Flask-Principal load the user before each request and for each template: a
    reader's page and a webhook would read the session, vary by cookie, and pay for it.
    """
    tables: tuple[dict[str | None, list[Any]], ...] = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.template_context_processors,
    )
    known = [len(table[None]) for table in tables]
    yield
    for table, kept in zip(tables, known, strict=True):
        hooks = table[None][kept:]
        del table[None][kept:]
        for name in DESK_BLUEPRINTS:
            table[name].extend(hooks)
