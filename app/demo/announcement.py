"""What the demo says when it is ready."""

from datetime import datetime

from passlib.totp import TOTP

from app.demo.folder import STAFF_ADDRESS, Keys
from app.demo.ports import Ports

MEMBER_ADDRESS = "reader-0@example.org"
"""The first who joined; their support goes on."""
TEST_CARD = "4242 4242 4242 4242"
CODE_SECONDS = 30


def staff_code(secret: str, *, at: datetime) -> str:
    """Return the six digits that an authenticator app shows at an instant."""
    return str(TOTP(key=secret).generate(time=at).token)


def announcement(keys: Keys, ports: Ports, *, at: datetime) -> str:
    """Return the addresses and the staff sign-in, for the terminal."""
    return f"""
  The newsroom is open.

  Support page    {ports.product_url}/support
                  card {TEST_CARD}, any later date, any CVC
  The appeal      {ports.product_url}/appeal
                  under a sample article
  Members' pages  {ports.product_url}/manage
                  sign in as {MEMBER_ADDRESS}; the link is in the mail catcher
  Staff desk      {ports.product_url}/staff
                  address   {STAFF_ADDRESS}
                  password  {keys.staff_password}
                  code      {staff_code(keys.totp_secret, at=at)} just now; the newest is always on
                            {ports.mailbox_url}/staff-sign-in
  Mail catcher    {ports.mailbox_url}
  Local Stripe    {ports.stripe_url}

  Ctrl-C ends it.
"""
