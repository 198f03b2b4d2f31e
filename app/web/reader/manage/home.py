"""What a member sees after signing in."""

from flask.typing import ResponseReturnValue

from app.web.reader.manage.visitor import Visitor, member_page, signed_in


@signed_in
def show_home(visitor: Visitor) -> ResponseReturnValue:
    """Show all of a member's support."""
    return member_page("reader/manage/home.html", visitor)
