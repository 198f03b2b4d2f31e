"""gunicorn's own log, without what a request holds."""

import sys
import traceback

from gunicorn.glogging import Logger


class ServerLogs(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """Names the error and where it arose.

    gunicorn would write the network address a garbled request came from, pieces of the request, and for a
    failure the address of the page and the error's own words: each may be, or hold, a person.
    """

    def warning(self, msg: str, *args: object, **kwargs: object) -> None:
        """Tell of a garbled request by its error's name alone; of the server's own affairs as it is."""
        error = sys.exc_info()[0]
        if error is None:
            super().warning(msg, *args, **kwargs)
        else:
            super().warning("Invalid request: %s", error.__name__)

    def exception(self, _msg: str, *_args: object, **_kwargs: object) -> None:
        """Tell of a failure by its error's name and the lines it went through."""
        error, _, trace = sys.exc_info()
        lines = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        super().error("%s %s", error.__name__ if error else "Failure", lines)
