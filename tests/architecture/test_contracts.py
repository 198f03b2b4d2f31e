"""The import contracts hold, and each one sees the import it forbids."""

from dataclasses import dataclass

import pytest

from tests.architecture.tree import Tree, contracts


@dataclass(frozen=True)
class Plant:
    """One forbidden import, and the one contract that must see it."""

    contract: str
    file: str
    line: str


PLANTS = [
    Plant("layers", "app/members/queries.py", "from app.billing import models"),
    Plant("layers", "app/receipts/wording.py", "from app.reports import money"),
    Plant("layers", "app/projection/context.py", "from app.reports import members"),
    Plant("layers", "app/web/static_files.py", "from app.cli import vault"),
    Plant("layers", "app/a_room_without_a_place.py", '"""Belongs nowhere."""'),
    Plant("config-below", "config/newsroom.py", "from app import db"),
    Plant("settings-above", "app/projection/context.py", "from config import settings"),
    Plant("stripe-importers", "app/flows/give.py", "import stripe"),
    Plant("stripe-importers", "app/cli/doctor.py", "from stripe import Webhook"),
    Plant("smtplib-importers", "app/flows/send_mail.py", "import smtplib"),
    Plant("cryptography-importers", "app/staff/accounts.py", "from cryptography import fernet"),
    Plant("flask-importers", "app/flows/give.py", "from flask import request"),
    Plant("kernel-pure", "app/kernel/clock.py", "import sqlalchemy"),
    Plant("money-report", "app/reports/money.py", "from app.members import models"),
    Plant("members-report", "app/reports/members.py", "from app.billing import models"),
    Plant("webhook-reach", "app/flows/receive.py", "from app.ledger import posting"),
    Plant("webhook-reach", "app/flows/receive.py", "from app.mailer import mailer"),
    Plant("webhook-reach", "app/web/webhooks.py", "from app.flows import sync"),
    Plant("simulator-apart", "app/simulator/engine/ids.py", "from app.kernel import ids"),
    Plant("simulator-unknown", "app/cli/doctor.py", "from app.simulator.engine import ids"),
    Plant("demo-unknown", "app/cli/doctor.py", "from app.demo import ports"),
    Plant("no-cycles", "app/vault/addresses.py", "from app.vault import vault"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree.copied_to(tmp_path_factory.mktemp("tree"))


def test_every_contract_holds(tree: Tree) -> None:
    broken = tree.broken_contracts()

    assert broken == set()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}-in-{plant.file}")
def test_a_forbidden_import_breaks_its_contract_and_no_other(tree: Tree, plant: Plant) -> None:
    with tree.planted(plant.file, plant.line):
        broken = tree.broken_contracts()

    assert broken == {plant.contract}


def test_every_contract_is_proven_by_a_planted_violation() -> None:
    assert {plant.contract for plant in PLANTS} == contracts().keys()
