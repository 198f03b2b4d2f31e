"""House rules that no linter knows, read off the syntax tree: each yields `file:line what`."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT

Finder = Callable[[ast.AST], Iterator[tuple[ast.AST, str]]]


@dataclass(frozen=True)
class Rule:
    """What is looked for in the files of `rooms`, and the files where it may stand."""

    name: str
    find: Finder
    rooms: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    def violations(self, root: Path = ROOT) -> list[str]:
        """Return every place that breaks the rule."""
        return [
            f"{file}:{node.lineno} {what}"
            for file, tree in _parsed(root, self.rooms)
            if not file.startswith(self.allowed or ("nowhere",))
            for node, what in self.find(tree)
            if isinstance(node, ast.expr | ast.stmt | ast.excepthandler)
        ]


def _parsed(root: Path, rooms: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    for room in rooms:
        top = root / room
        for path in [top] if top.suffix else sorted(top.rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def commits(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find `x.commit()`, and `sessions.begin` however it is reached."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield node, "commits"
        if isinstance(node, ast.Attribute) and node.attr == "begin" and _last_name(node.value) == "sessions":
            yield node, "begins a transaction of its own"


def floats(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find `float` by name, float literals, and the division that makes floats of whole numbers.

    Constants named `…_SECONDS` may be fractions.
    """
    spans = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign) and _names_a_span(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node, "names float"
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and id(node) not in spans:
            yield node, "writes a float"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node):
            yield node, "divides with /"


def clock_reads(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find what reads the wall clock."""
    readers = {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("time", "time"),
        ("time", "time_ns"),
        ("func", "now"),
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in readers:
            yield node, f"reads the clock by {node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            named = {alias.name for alias in node.names}
            if named & {"time", "time_ns"}:
                yield node, "imports a clock"


def catch_alls(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find handlers that catch whatever comes."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(one is None or _last_name(one) in ("Exception", "BaseException") for one in caught):
            yield node, "catches everything"


def parts_beyond_storing(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Find what is taken out of `parts` besides what it needs to check and store an event."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and _last_name(node.value) == "parts"
            and node.attr not in ("sessions", "webhook_secrets", "livemode")
        ):
            yield node, f"reaches for parts.{node.attr}"


def _last_name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _names_a_span(node: ast.Assign) -> bool:
    return all(isinstance(target, ast.Name) and target.id.endswith("_SECONDS") for target in node.targets)


def _is_path(node: ast.BinOp) -> bool:
    """Whether the slash joins a path: one of its sides is text, a constant's name or `parent`."""
    sides = (node.left, node.right)
    return any(
        (isinstance(side, ast.Constant) and isinstance(side.value, str))
        or (isinstance(side, ast.Name) and side.id.isupper())
        or (isinstance(side, ast.BinOp) and isinstance(side.op, ast.Div) and _is_path(side))
        for side in sides
    )


MONEY_ROOMS = (
    "app/kernel",
    "app/giving",
    "app/billing",
    "app/ledger",
    "app/receipts",
    "app/projection",
    "app/reports",
    "app/members",
    "app/vault",
    "app/inbox",
    "app/outbox",
    "app/flows",
    "app/web",
    "app/cli",
    "app/stripe_gateway/gateway.py",
    "app/stripe_gateway/reading.py",
    "app/stripe_gateway/snapshots.py",
    "config",
)

RULES = (
    Rule("only db.py commits", commits, ("app", "config"), ("app/db.py", "app/simulator/")),
    Rule("no float near money", floats, MONEY_ROOMS),
    Rule(
        "only the kernel reads the clock",
        clock_reads,
        ("app", "config"),
        ("app/kernel/clock.py", "app/simulator/"),
    ),
    Rule(
        "only worker loops catch everything",
        catch_alls,
        ("app", "config"),
        (
            "app/stripe_gateway/lists.py",  # what goes through a page goes on behind a poisoned object
            "app/flows/sync.py",
            "app/flows/reconcile/mending.py",
            "app/flows/duties.py",
            "app/flows/asking/ask.py",
            "app/flows/send_mail.py",
            "app/cli/worker.py",
            "app/simulator/",
        ),
    ),
    Rule("the webhook's flow checks and stores", parts_beyond_storing, ("app/flows/receive.py",)),
)
