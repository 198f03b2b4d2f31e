"""Looking at a subscription, an hour after it was first seen unless a test says otherwise."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.projection.context import Context
from app.projection.subscription import project_subscription
from tests.support import pictures
from tests.support.pictures import HOUR, NOW

LATER = NOW + HOUR
STAMP = f"{LATER.timestamp():.6f}"


def look(session: Session, setting: Context, at: datetime = LATER, **changed: Any) -> None:
    """Project the subscription as it is seen at an instant, with these fields changed."""
    project_subscription(session, pictures.subscription(**changed), replace(setting, now=at))
