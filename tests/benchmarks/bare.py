"""What the product is measured against: Flask with nothing but the task itself."""

import json
import os

import sqlalchemy as sa
from flask import Flask, request
from flask.typing import ResponseReturnValue
from stripe import WebhookSignature

from app.db import create_db_engine

app = Flask(__name__)
engine = create_db_engine(os.environ["DATABASE_URL"])
events = sa.Table(
    "bare_events",
    sa.MetaData(),
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("type", sa.String(128)),
    sa.Column("payload", sa.LargeBinary),
)
events.metadata.create_all(engine, checkfirst=True)
SECRET = os.environ["STRIPE_WEBHOOK_SECRET"]
PAGE = "<!doctype html>" + "x" * int(os.environ.get("BARE_PAGE_BYTES", "1000"))


@app.post("/webhooks/stripe")
def webhook() -> ResponseReturnValue:
    """Check the signature and insert one row."""
    payload = request.get_data(cache=False)
    WebhookSignature.verify_header(payload.decode(), request.headers["Stripe-Signature"], SECRET, 300)
    event = json.loads(payload)
    with engine.begin() as connection:
        connection.execute(events.insert(), {"id": event["id"], "type": event["type"], "payload": payload})
    return "", 204


@app.get("/support")
def support() -> str:
    """Answer a page of the same size."""
    return PAGE
