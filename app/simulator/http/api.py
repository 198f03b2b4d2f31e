"""Stripe's API: keys, parameters, idempotency, faults, the handler, the answer."""

import time
from typing import Any
from urllib.parse import unquote

from app.simulator.contract.recording import Recorder
from app.simulator.contract.requests import RefusedParams, read_params
from app.simulator.engine.errors import StripeError, invalid
from app.simulator.engine.expansion import LISTS, Expander
from app.simulator.engine.ids import new_id
from app.simulator.engine.routes import Call, Route
from app.simulator.engine.world import Cause, World
from app.simulator.http.faults import Fault, Faults
from app.simulator.http.forms import parse_form
from app.simulator.http.idempotency import LONGEST_KEY, IdempotencyKeys
from app.simulator.http.journal import Journal
from app.simulator.http.keys import Keys
from app.simulator.http.limits import RateLimit, too_many_requests
from app.simulator.http.messages import Request, Response, json_response
from app.simulator.http.routing import Router
from app.simulator.http.versions import check_version, in_todays_words
from app.simulator.resources.table import INCLUDABLE, ROUTES

Json = dict[str, Any]
BEFORE = {"fail_before": 500, "429": 429, "409": 409}


class Api:
    """Answers everything under `/v1/`."""

    def __init__(self, world: World, faults: Faults, recorder: Recorder) -> None:
        self.world = world
        self.recorder = recorder
        self.faults = faults
        self.router = Router(ROUTES)
        self.keys = Keys()
        self.limit = RateLimit()
        self.idempotency = IdempotencyKeys(world)
        self.expander = Expander(world, INCLUDABLE)
        self.recorded = Journal(world)
        self.heed_settings()

    def __call__(self, request: Request) -> Response:
        """Answer one API request, in Stripe's shapes whatever happens."""
        request_id = new_id("request")
        record: Json = {"id": request_id, "at": self.world.clock.now(), "method": request.method}
        try:
            response = self._answer(request, request_id, record)
        except StripeError as error:
            response = _error_response(error, request_id)
        response.headers.setdefault("Request-Id", request_id)
        response.headers.setdefault("Stripe-Version", self.world.version)
        self._record(request, response, record)
        return response

    def heed_settings(self) -> None:
        """Take over what the account's settings say of keys and limits; called with the lock held."""
        self.keys.named = self.world.store.read_meta("api_keys") or {}
        self.limit.per_second = self.world.store.read_meta("rate_limit_per_second")

    def _answer(self, request: Request, request_id: str, record: Json) -> Response:
        key = self.keys.check(request.headers.get("authorization", ""))
        self.limit.spend()
        route, ids = self.router.match(request.method, request.path)
        record["route"] = route.path
        self.keys.allow(key, route.method, route.path)
        version = request.headers.get("stripe-version")
        check_version(version, self.world.version)
        fault = self.faults.strike(request.method, request.path)
        if fault and fault.kind in BEFORE:
            raise _ordered_error(fault)
        params = parse_form(request.text)
        record["params"] = params
        params = in_todays_words(route.method, route.path, params, versioned=bool(version))
        once = _idempotency_key(request)
        with self.idempotency.held(once):
            response = self._perform(route, ids, params, _Attempt(request.path, request_id, once, fault))
        _spoil(response, fault)
        return response

    def _perform(self, route: Route, ids: dict[str, str], params: Json, attempt: "_Attempt") -> Response:
        with self.world.lock:
            self.world.run_due()
            saved = self.idempotency.saved(attempt.key, attempt.path, params) if attempt.key else None
            if saved:
                return saved
        checked = _checked(route, params)
        with self.world.lock:
            try:
                response = self._transact(
                    route, Call(self.world, checked, ids, attempt.path), attempt, params
                )
            finally:
                self.world.leave_test_clock()
        if attempt.fault and attempt.fault.kind == "hang":
            time.sleep(attempt.fault.seconds)
        return response

    def _transact(self, route: Route, call: Call, attempt: "_Attempt", sent: Json) -> Response:
        """Do it and keep the answer under its key in one transaction; a refusal leaves only its answer."""
        if route.method == "GET":
            return self._read(route, call, attempt)
        try:
            with self.world.transaction(Cause(attempt.request_id, attempt.key)):
                response = self._write(route, call, attempt)
                self._keep(attempt, sent, response)
        except StripeError as error:
            response = _error_response(error, attempt.request_id, self.expander)
            with self.world.transaction():
                self._keep(attempt, sent, response)
        return response

    def _read(self, route: Route, call: Call, attempt: "_Attempt") -> Response:
        try:
            response = json_response(200, self._shown(route, call))
        except StripeError as error:
            return _error_response(error, attempt.request_id, self.expander)
        return self._after(response, attempt)

    def _write(self, route: Route, call: Call, attempt: "_Attempt") -> Response:
        try:
            response = json_response(200, self._shown(route, call))
        except StripeError as error:
            if not error.commits:
                raise
            response = _error_response(error, attempt.request_id, self.expander)
        return self._after(response, attempt)

    def _after(self, response: Response, attempt: "_Attempt") -> Response:
        if attempt.fault and attempt.fault.kind == "fail_after":
            return _error_response(_ordered_error(attempt.fault), attempt.request_id)
        return response

    def _keep(self, attempt: "_Attempt", sent: Json, response: Response) -> None:
        if attempt.key:
            self.idempotency.save(attempt.key, attempt.path, sent, response, attempt.request_id)

    def _shown(self, route: Route, call: Call) -> Json:
        result = route.handler(call)
        plain = result if result.get("object") in LISTS else self.world.present(result)
        return self.expander.show(plain, call.params.get("expand") or [])

    def _record(self, request: Request, response: Response, record: Json) -> None:
        record |= {
            "path": request.path,
            "status": response.status,
            "idempotency_key": request.headers.get("idempotency-key"),
            "replayed": "Idempotent-Replayed" in response.headers,
            "response": response.body.decode(),
        }
        self.recorded.append(record)
        self.recorder.answer(record)


class _Attempt:
    """What belongs to one try of a request: its path, ids and the trouble ordered for it."""

    def __init__(self, path: str, request_id: str, key: str | None, fault: Fault | None) -> None:
        self.path = path
        self.request_id = request_id
        self.key = key
        self.fault = fault


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    key = unquote(key)
    if not key or len(key) > LONGEST_KEY:
        raise invalid(f"Idempotency keys must be between 1 and {LONGEST_KEY} characters.")
    return key


def _checked(route: Route, params: Json) -> Json:
    try:
        return read_params(route.method, route.path, params)
    except RefusedParams as refused:
        raise invalid(refused.message, param=refused.param, code=refused.code) from None


def _ordered_error(fault: Fault) -> StripeError:
    if fault.kind == "429":
        return too_many_requests()
    if fault.kind == "409":
        message = (
            "This object cannot be accessed right now because another API request or Stripe process is "
            "currently accessing it."
        )
        return StripeError(409, {"type": "invalid_request_error", "code": "lock_timeout", "message": message})
    message = "An unknown error occurred. (It was ordered from the local Stripe.)"
    return StripeError(500, {"type": "api_error", "message": message})


def _spoil(response: Response, fault: Fault | None) -> None:
    if fault and fault.kind in {"lost_answer", "reset"}:
        response.cut = "drop" if fault.kind == "lost_answer" else "reset"


def _error_response(error: StripeError, request_id: str, expander: Expander | None = None) -> Response:
    shown = dict(error.error)
    for name in ("payment_intent", "payment_method", "setup_intent"):
        if expander and isinstance(shown.get(name), dict):
            shown[name] = expander.show(shown[name], [])
    url = f"https://dashboard.stripe.com/test/logs/{request_id}"
    response = json_response(error.status, {"error": {**shown, "request_log_url": url}})
    if error.status in {401, 429}:
        response.headers["Stripe-Should-Retry"] = "false"
    response.headers.update(error.headers)
    return response
