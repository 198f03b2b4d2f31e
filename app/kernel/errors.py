"""The root of the domain errors."""


class SmallFavorError(Exception):
    """Something the product can name; the web maps its classes to answers in one place."""


class BadInput(SmallFavorError):
    """What a person or a caller gave cannot be used; the message says what to do."""
