"""What the local Stripe is measured against: Flask answering the same JSON, and nothing behind it."""

import json
import os
from pathlib import Path

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

app = Flask(__name__)
ANSWERS = {
    path.stem: json.loads(path.read_text()) for path in Path(os.environ["BARE_ANSWERS"]).glob("*.json")
}


@app.get("/<name>")
def read(name: str) -> ResponseReturnValue:
    """Answer the JSON of that name."""
    return jsonify(ANSWERS[name])


@app.post("/<name>")
def write(name: str) -> ResponseReturnValue:
    """Answer the JSON of that name, having written nothing."""
    return jsonify(ANSWERS[name])
