"""Stripe's published shapes, read from the installed `stripe` package.

`check_response(obj)` and `check_request(method, path, params)` each return the
violations they find as sentences; an empty list means the contract is kept.
"""

from app.simulator.contract.coverage import coverage_report
from app.simulator.contract.requests import RefusedParams, check_request, read_params
from app.simulator.contract.responses import check_response, complete

__all__ = [
    "RefusedParams",
    "check_request",
    "check_response",
    "complete",
    "coverage_report",
    "read_params",
]
