"""A request as it came, and an answer as it goes."""

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def text(self) -> str:
        """The parameters as sent: the query of a GET or DELETE, else the body."""
        if self.method in {"GET", "DELETE"} and not self.body:
            return self.query
        sent = self.body.decode("utf-8", "replace")
        return f"{self.query}&{sent}" if self.query and sent else sent or self.query


@dataclass
class Response:
    """One HTTP answer.

    Attributes: cut: how the connection breaks, for ordered faults: `drop` sends nothing,
    `reset` stops in the middle of the body.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cut: str | None = None


def json_response(status: int, body: Any, **headers: str) -> Response:
    """An answer in JSON."""
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return Response(status, text.encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def redirect(location: str) -> Response:
    """See other."""
    return Response(303, b"", {"Location": location}, "text/plain")
