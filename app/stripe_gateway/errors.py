"""What can go wrong at Stripe, in the two kinds that matter to a caller."""

from app.kernel.errors import SmallFavorError


class StripeUnavailable(SmallFavorError):
    """Stripe did not answer, or asked us to come again: what was asked may or may not be done."""


class StripeMuted(StripeUnavailable):
    """Nothing is asked of Stripe while a restored database has not caught up with it."""

    words = "this database is muted: see `flask safety status`"

    def __init__(self) -> None:
        super().__init__(self.words)


class StripeOtherAccount(StripeMuted):
    """The key opens another account, or another mode of it, than this database was filled from."""

    words = (
        "STRIPE_SECRET_KEY opens another account, or another mode of it, than this database was filled from; "
        "nothing is done with either: see `flask doctor`"
    )


class StripeAnswerSpoiled(StripeUnavailable):
    """Stripe failed once and repeats that failure under this idempotency key for a day.

    Or the key was used for a request that read otherwise, before something it is made from changed.
    """


class StripeRefused(SmallFavorError):
    """Stripe said no, for good; `code` is Stripe's own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def missing(self) -> bool:
        """Whether the object asked for does not exist at Stripe."""
        return self.code == "resource_missing"


class UnsupportedShape(SmallFavorError):
    """An object at Stripe holds what this product does not sell, such as a weekly price."""


class BadWebhook(SmallFavorError):
    """A webhook is forged, stale or malformed; the reason holds nothing of its content."""
