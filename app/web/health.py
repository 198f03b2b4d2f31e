"""Whether the process lives, and whether it can work."""

import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.migration_state import expected_revision

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answer as long as the process runs."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 200 when the database answers and is at the newest migration, else 503."""
    try:
        with reading(parts().sessions) as session:
            found = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.SQLAlchemyError:
        return jsonify(status="database does not answer or is empty"), 503
    if found != expected_revision():
        return jsonify(status="database wants migrating: run `flask db upgrade`"), 503
    return jsonify(status="ready")
