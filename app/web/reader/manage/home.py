"""What a member sees after signing in."""

from typing import Any

from flask.typing import ResponseReturnValue

from app.access import parts
from app.billing.course import list_charges
from app.flows.manage.home import list_supports
from app.flows.manage.support import Condition, Supported
from app.kernel.clock import local_date, utc_now
from app.receipts.wording import method_in_words
from app.web.languages import current_language
from app.web.reader.manage.visitor import Visitor, member_page, signed_in
from app.web.reader.offer import gift_in_words


@signed_in
def show_home(visitor: Visitor) -> ResponseReturnValue:
    """Show all of a member's support."""
    supports = list_supports(parts(), visitor.member_id, now=utc_now())
    return member_page("reader/manage/home.html", visitor, supports=supports, **_words())


def _words() -> dict[str, Any]:
    """Return what the template says of a support with."""
    language, zone = current_language(), parts().newsroom.zone
    return {
        "on": lambda at: local_date(at, zone),
        "gift_of": lambda support: gift_in_words(support.course.amount, support.course.interval, language),
        "card_of": lambda support: method_in_words(support.picture.method, language),
        "next_of": _next_of,
    }


def _next_of(support: Supported) -> list[Any]:
    """Return the next charge, while one can be told."""
    return list_charges(support.course, 1) if support.condition is Condition.changeable else []
