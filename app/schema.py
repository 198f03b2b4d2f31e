"""Every table, for the migrations and for those who ask whether models and database agree."""

from app.appeals import models as appeals
from app.asks import models as asks
from app.billing import models as billing
from app.db import Base
from app.gifts import models as gifts
from app.giving import models as giving
from app.inbox import models as inbox
from app.ledger import models as ledger
from app.members import models as members
from app.outbox import models as outbox
from app.receipts import models as receipts
from app.reconciliation import models as reconciliation
from app.reminders import models as reminders
from app.signing_in import models as signing_in
from app.staff import models as staff
from app.vault import models as vault

metadata = Base.metadata

__all__ = [
    "appeals",
    "asks",
    "billing",
    "gifts",
    "giving",
    "inbox",
    "ledger",
    "members",
    "metadata",
    "outbox",
    "receipts",
    "reconciliation",
    "reminders",
    "signing_in",
    "staff",
    "vault",
]
