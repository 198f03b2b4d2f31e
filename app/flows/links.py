"""Signed links that open one page for whoever has the mail: no password, thirty days."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from app.flows.parts import Parts
from app.kernel.errors import SmallFavorError
from app.kernel.ids import new_nonce

LINK_DAYS = 30
RETURN_SECONDS = 6 * 3600
"""How long the way back from Stripe stays open; a session there ends sooner."""
_SECONDS_A_DAY = 86_400


class LinkKind(StrEnum):
    """What a link is good for; each is signed with a salt of its own, so none opens another's page."""

    mend = "mend"
    """Another card for a subscription, and the payment of what is open."""
    confirm = "confirm"
    """3-D Secure of one invoice."""
    end = "end"
    """The end of a subscription."""
    address = "address"
    """A new address, to be confirmed from there."""


class LinkUnknown(SmallFavorError):
    """The link is altered, cut short or not ours."""


class LinkExpired(SmallFavorError):
    """The link is true but old; `row_id` is what it was about, for a mail to its owner and no more."""

    def __init__(self, row_id: UUID) -> None:
        super().__init__()
        self.row_id = row_id


class Way(StrEnum):
    """Which button led away from our page."""

    card = "card"
    """To Stripe, for another card."""
    again = "again"
    """Nowhere: the card on record is tried once more."""


@dataclass(frozen=True, kw_only=True)
class Return:
    """The way back: it exists only after a press of a button on our page."""

    subscription_id: UUID
    way: Way
    press: str
    """Unlike any other press's: what is done under it is done once."""


def sign_link(parts: Parts, kind: LinkKind, row_id: UUID) -> str:
    """Return the address of a page about one row of ours, for its owner's eyes."""
    return f"{parts.public_base_url}/manage/{kind}/{_serializer(parts, kind).dumps(row_id.hex)}"


def read_link(parts: Parts, kind: LinkKind, token: str) -> UUID:
    """Return the row that a link is about. Raises: LinkUnknown, LinkExpired."""
    serializer = _serializer(parts, kind)
    try:
        return UUID(hex=serializer.loads(token, max_age=LINK_DAYS * _SECONDS_A_DAY))
    except SignatureExpired:
        raise LinkExpired(UUID(hex=serializer.loads(token))) from None
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown(kind) from None


def read_old_link(parts: Parts, kind: LinkKind, token: str) -> UUID:
    """Return the row that a link is about, however old it is: good for a mail to its owner alone."""
    try:
        return read_link(parts, kind, token)
    except LinkExpired as expired:
        return expired.row_id


def sign_return(parts: Parts, subscription_id: UUID, way: Way, press: str = "") -> str:
    """Return the token of the way back after one press of a button."""
    return str(_return_serializer(parts).dumps([subscription_id.hex, way, press or new_nonce()]))


def read_return(parts: Parts, token: str) -> Return:
    """Return which press a way back belongs to. Raises: LinkUnknown: also when it is old."""
    try:
        row, way, press = _return_serializer(parts).loads(token, max_age=RETURN_SECONDS)
        return Return(subscription_id=UUID(hex=row), way=Way(way), press=str(press))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown("return") from None


def _serializer(parts: Parts, kind: LinkKind) -> URLSafeTimedSerializer:
    """Return the signer of one kind of link."""
    return URLSafeTimedSerializer(parts.signers, salt=f"manage {kind} link")


def _return_serializer(parts: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts.signers, salt="manage return")
