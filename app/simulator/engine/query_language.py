"""Stripe's search query language: clauses joined by AND or by OR, never both.

A clause is `field:value`, `field~"part"`, `field>10` (also `<`, `>=`, `<=`) or one of these with a
minus before it. Fields are named per resource; `metadata["key"]` reads metadata. Text compares
without regard to case, and `null` stands for a value that is not there.
"""

import re
from dataclasses import dataclass
from typing import Any

from app.simulator.engine.errors import StripeError, invalid

Json = dict[str, Any]
MOST_CLAUSES = 10
SHORTEST_PART = 3
CLAUSE = re.compile(
    r"""\s*(?P<minus>-?)(?P<field>[a-z_][a-z0-9_.]*)(?:\[(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\])?
    \s*(?P<operator>>=|<=|[:~<>])\s*
    (?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']+)""",
    re.VERBOSE | re.IGNORECASE,
)
JOINT = re.compile(r"\s+(?:(AND|OR)\s+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """One condition. `path` holds the steps to the value, the last of them a metadata key as written."""

    path: tuple[str, ...]
    operator: str
    wanted: str | None
    negated: bool

    def holds(self, obj: Json) -> bool:
        """Whether an object meets it."""
        return self._matches(_dig(obj, self.path)) != self.negated

    def _matches(self, value: Any) -> bool:
        if self.wanted is None:
            return value is None
        if value is None:
            return False
        if self.operator in ":~":
            text = str(value).casefold()
            return self.wanted in text if self.operator == "~" else self.wanted == text
        return _compare(int(value), self.operator, int(self.wanted))


@dataclass(frozen=True)
class Search:
    """A whole query: every clause must hold, or any."""

    clauses: tuple[Clause, ...]
    any_will_do: bool

    def finds(self, obj: Json) -> bool:
        """Whether an object is among the results."""
        found = (clause.holds(obj) for clause in self.clauses)
        return any(found) if self.any_will_do else all(found)


def parse_query(text: str, fields: dict[str, str], *, resource: str) -> Search:
    """Read a query.

    Args: fields: `numeric`, `string` or `token` by field name; `*` stands for one step of any name.
    Raises: StripeError: 400, it cannot be read, or asks for what is not indexed.
    """
    clauses: list[Clause] = []
    joints: set[str] = set()
    at = 0
    while True:
        found = CLAUSE.match(text, at)
        if found is None:
            raise _unreadable()
        clauses.append(_clause(found, fields, resource))
        at = found.end()
        if not text[at:].strip():
            break
        joint = JOINT.match(text, at)
        if joint is None:
            raise _unreadable()
        joints.add((joint.group(1) or "AND").upper())
        at = joint.end()
    if len(joints) > 1:
        raise invalid("You cannot combine AND and OR in the same search query.", param="query")
    if len(clauses) > MOST_CLAUSES:
        raise invalid(
            f"A search query can have at most {MOST_CLAUSES} clauses, but yours has {len(clauses)}.",
            param="query",
        )
    return Search(tuple(clauses), joints == {"OR"})


def _clause(found: re.Match[str], fields: dict[str, str], resource: str) -> Clause:
    name, operator, raw = found["field"].lower(), found["operator"], found["value"]
    kind = next((kind for known, kind in fields.items() if _fits(known, name)), None)
    if kind is None or (found["key"] is not None) != (name == "metadata"):
        raise invalid(
            f"Field `{name}` is an unsupported search field for resource `{resource}`. See "
            f"https://docs.stripe.com/search#query-fields-for-{resource.replace('_', '-')} for a list of "
            "supported fields.",
            param="query",
        )
    quoted = raw[0] in "\"'"
    wanted = _unquoted(raw) if quoted else raw
    is_null = not quoted and wanted.lower() == "null"
    _check(name, kind, operator, wanted, quoted=quoted, is_null=is_null)
    path = tuple(name.split(".")) if found["key"] is None else (name, _unquoted(found["key"]))
    return Clause(path, operator, None if is_null else wanted.casefold(), bool(found["minus"]))


def _check(name: str, kind: str, operator: str, wanted: str, *, quoted: bool, is_null: bool) -> None:
    if is_null:
        if operator != ":":
            raise invalid(f"`null` can only be searched with `:`, not with `{operator}`.", param="query")
        return
    allowed = {"numeric": ":<>>=<=", "string": ":~", "token": ":"}[kind]
    if operator not in allowed:
        raise invalid(
            f"Field `{name}` of type {kind} does not support the operator `{operator}`.", param="query"
        )
    if kind == "numeric" and not re.fullmatch(r"-?\d{1,18}", wanted):
        raise invalid(f"Field `{name}` is numeric; `{wanted}` is not a number.", param="query")
    if kind != "numeric" and not quoted and wanted.lower() not in {"true", "false"}:
        raise invalid(f"The value of `{name}` must be in quotes.", param="query")
    if operator == "~" and len(wanted) < SHORTEST_PART:
        raise invalid(f"Substring searches need at least {SHORTEST_PART} characters.", param="query")


def _fits(known: str, name: str) -> bool:
    steps, given = known.split("."), name.split(".")
    return len(steps) == len(given) and all(a in ("*", b) for a, b in zip(steps, given, strict=True))


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _dig(obj: Json, path: tuple[str, ...]) -> Any:
    value: Any = obj
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return str(value).lower() if isinstance(value, bool) else value


def _compare(value: int, operator: str, wanted: int) -> bool:
    results = {">": value > wanted, ">=": value >= wanted, "<": value < wanted, "<=": value <= wanted}
    return results[operator]


def _unreadable() -> StripeError:
    return invalid(
        "We were unable to parse your search query. Please try using the format `field:value`. See "
        "https://docs.stripe.com/search#search-query-language for more information.",
        param="query",
    )
