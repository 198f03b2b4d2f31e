"""The desk's structured log lines: ids of staff and codes of members, never a person."""

import structlog

log = structlog.get_logger("small_favor.desk")
