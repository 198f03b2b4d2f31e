"""Templates, their words and figures, and the headers every page goes out with."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from app.simulator.engine.money import exponent
from app.simulator.http.messages import Response
from app.simulator.pages.words import direction

HERE = Path(__file__).parent
STATIC_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(template: str, *, status: int = 200, form_targets: str = "'self'", **values: Any) -> Response:
    """Render a template.

    Args: form_targets: origins a form of the page may lead to, redirects included.
    """
    text: str = _environment().get_template(template).render(**values)
    headers = {
        "Content-Security-Policy": f"{POLICY}; form-action {form_targets}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(status, text.encode(), headers, "text/html; charset=utf-8")


def static_file(name: str) -> Response:
    """A style sheet or picture of the pages."""
    path = HERE / "static" / Path(name).name
    if not path.is_file():
        return Response(404, b"", {}, "text/plain")
    headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(200, path.read_bytes(), headers, STATIC_TYPES.get(path.suffix, "text/plain"))


def money(amount: int, currency: str, locale: str = "en") -> str:
    """An amount for people: `€2.00`, `2,00 €`."""
    numbers = import_module("babel.numbers")
    value = import_module("decimal").Decimal(amount).scaleb(-exponent(currency))
    text: str = numbers.format_currency(value, currency.upper(), locale=locale)
    return text


def date(instant: int, locale: str = "en") -> str:
    """A date for people, in UTC."""
    dates = import_module("babel.dates")
    text: str = dates.format_date(_moment(instant), "long", locale=locale)
    return text


def moment(instant: int) -> str:
    """Date and time to the second, in UTC."""
    return f"{_moment(instant):%Y-%m-%d %H:%M:%S}"


def _moment(instant: int) -> Any:
    datetime = import_module("datetime")
    return datetime.datetime.fromtimestamp(instant, datetime.UTC)


@cache
def _environment() -> Any:
    # Pages are opened seldom and Jinja takes longer to import than the simulator to start.
    jinja = import_module("jinja2")
    environment = jinja.Environment(
        loader=jinja.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja.StrictUndefined,
    )
    environment.filters |= {"money": money, "date": date, "moment": moment}
    environment.globals["direction"] = direction
    return environment
