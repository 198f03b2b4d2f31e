"""House rules hold all over the tree, and each one sees a planted violation."""

from pathlib import Path

import pytest

from tests.architecture.code_rules import RULES, Rule

BY_NAME = {rule.name: rule for rule in RULES}

PLANTS = [
    ("only db.py commits", "app/giving/pledges.py", "session.commit()"),
    ("only db.py commits", "app/flows/give.py", "with parts.sessions.begin() as session: ..."),
    ("no float near money", "app/kernel/money.py", 'minor = int(float("19.99") * 100)'),
    ("no float near money", "app/reports/money.py", "half = 0.5"),
    ("no float near money", "app/projection/paid.py", "fee = gross / 2"),
    ("only the kernel reads the clock", "app/members/facts.py", "now = datetime.now(UTC)"),
    ("only the kernel reads the clock", "app/members/facts.py", "now = dt.datetime.utcnow()"),
    ("only the kernel reads the clock", "app/members/facts.py", "today = date.today()"),
    ("only the kernel reads the clock", "app/members/facts.py", "now = time.time()"),
    ("only the kernel reads the clock", "app/members/facts.py", "from time import time"),
    ("only the kernel reads the clock", "app/members/facts.py", "now = sa.func.now()"),
    ("only worker loops catch everything", "app/web/health.py", "try: ...\nexcept Exception: ..."),
    ("only worker loops catch everything", "app/web/health.py", "try: ...\nexcept: ..."),
    (
        "only worker loops catch everything",
        "app/web/health.py",
        "try: ...\nexcept (OSError, BaseException): ...",
    ),
    ("the webhook's flow checks and stores", "app/flows/receive.py", "parts.gateway.fetch_invoice(id)"),
    ("the webhook's flow checks and stores", "app/flows/receive.py", "parts.mailer.send(message)"),
]

LAWFUL = [
    ("no float near money", "app/kernel/money.py", "FONTS = Path(__file__).parent / 'fonts'"),
    ("no float near money", "app/flows/give.py", "GLANCE_SECONDS = 0.1"),
    ("only db.py commits", "app/db.py", "session.commit()"),
    ("only the kernel reads the clock", "app/kernel/clock.py", "now = datetime.now(UTC)"),
    ("only the kernel reads the clock", "app/flows/give.py", "started = time.monotonic()"),
    ("only worker loops catch everything", "app/cli/worker.py", "try: ...\nexcept Exception: ..."),
    ("only worker loops catch everything", "app/web/health.py", "try: ...\nexcept ValueError: ..."),
    ("the webhook's flow checks and stores", "app/flows/receive.py", "with transaction(parts.sessions): ..."),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_house_keeps_its_rule(rule: Rule) -> None:
    assert rule.violations() == []


@pytest.mark.parametrize(("name", "file", "code"), PLANTS)
def test_a_rule_sees_what_breaks_it(tmp_path: Path, name: str, file: str, code: str) -> None:
    _plant(tmp_path, BY_NAME[name], file, code)

    violations = BY_NAME[name].violations(tmp_path)

    assert len(violations) == 1
    assert violations[0].startswith(f"{file}:")


@pytest.mark.parametrize(("name", "file", "code"), LAWFUL)
def test_a_rule_lets_be_what_is_lawful(tmp_path: Path, name: str, file: str, code: str) -> None:
    _plant(tmp_path, BY_NAME[name], file, code)

    assert BY_NAME[name].violations(tmp_path) == []


def test_every_rule_is_proven_by_a_planted_violation() -> None:
    assert {name for name, _, _ in PLANTS} == BY_NAME.keys()


def test_every_room_that_a_rule_names_exists() -> None:
    absent = [room for rule in RULES for room in rule.rooms if not _exists(room)]

    assert absent == []


def _plant(root: Path, rule: Rule, file: str, code: str) -> None:
    for room in rule.rooms:
        empty = root / room
        if empty.suffix:
            empty.parent.mkdir(parents=True, exist_ok=True)
            empty.touch()
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")


def _exists(room: str) -> bool:
    return (Path(__file__).resolve().parents[2] / room).exists()
