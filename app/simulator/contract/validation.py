"""Pydantic validators over the package's TypedDicts; imported at the first request."""

import types
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ForwardRef, Literal, NotRequired, Required, Union, get_args, get_origin

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError, WrapValidator
from typing_extensions import TypedDict, evaluate_forward_ref, is_typeddict

from app.simulator.contract.package import load_module
from app.simulator.contract.refusals import refusal
from app.simulator.contract.requests import RefusedParams

Json = dict[str, Any]
Handler = Callable[[Any], Any]
BOOLEANS = {"true": True, "false": False}
# Types built at run time: to the type checker they are plain values.
TYPED_DICT: Any = TypedDict
REQUIRED: Any = Required
NOT_REQUIRED: Any = NotRequired
UNION: Any = Union
ANNOTATED: Any = Annotated


def validate(module: str, cls: str, params: Json) -> Json:
    """Validate params against one TypedDict of the package.

    Raises: RefusedParams: for the first error pydantic reports, in Stripe's words.
    """
    try:
        result: Json = _adapter(module, cls).validate_python(params)
    except ValidationError as error:
        message, param, code = refusal(error.errors(include_url=False), params)
        raise RefusedParams(message, param=param, code=code) from None
    return result


@cache
def _adapter(module: str, cls: str) -> TypeAdapter[Any]:
    loaded = load_module(module)
    return TypeAdapter(_Rebuilder(vars(loaded)).typed_dict(getattr(loaded, cls)))


class _Rebuilder:
    """Rebuilds TypedDicts strict: no request options, no unknown keys, closed enums."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.made: dict[Any, Any] = {}

    def typed_dict(self, source: Any) -> Any:
        if source not in self.made:
            options = _request_options()
            fields = {
                name: self._field(source, name, self._resolve(hint))
                for name, hint in source.__annotations__.items()
                if name not in options
            }
            made = TYPED_DICT(source.__name__, fields)
            made.__pydantic_config__ = ConfigDict(extra="forbid")
            self.made[source] = made
        return self.made[source]

    def _field(self, source: Any, name: str, hint: Any) -> Any:
        origin = get_origin(hint)
        inner = get_args(hint)[0] if origin in {NotRequired, Required} else hint
        rebuilt = self.annotation(inner)
        required = name in source.__required_keys__ and origin is not NotRequired
        return REQUIRED[rebuilt] if required else NOT_REQUIRED[rebuilt]

    def annotation(self, hint: Any) -> Any:
        hint = self._resolve(hint)
        if is_typeddict(hint):
            return self.typed_dict(hint)
        origin, args = get_origin(hint), get_args(hint)
        if origin in {Union, types.UnionType}:
            return self._union(args)
        if origin is list:
            return _annotated(types.GenericAlias(list, (self.annotation(args[0]),)), BeforeValidator(_listed))
        if origin is dict or getattr(origin, "__name__", "") == "UntypedStripeObject":
            value = _annotated(self.annotation(args[-1]), WrapValidator(_empty_or))
            return types.GenericAlias(dict, (str, value))
        return _scalar(hint)

    def _union(self, args: tuple[Any, ...]) -> Any:
        resolved = [self._resolve(arg) for arg in args]
        parts = [part for part in resolved if part not in (Literal[""], type(None))]
        named = [part for part in parts if get_origin(part) is Literal]
        if named and str in parts:
            parts.remove(str)
        inner = [self.annotation(part) for part in parts]
        joined = inner[0] if len(inner) == 1 else UNION[tuple(inner)]
        return _annotated(joined, WrapValidator(_empty_or)) if Literal[""] in resolved else joined

    def _resolve(self, hint: Any) -> Any:
        written = ForwardRef(hint) if isinstance(hint, str) else hint
        if isinstance(written, ForwardRef):
            return evaluate_forward_ref(written, globals=self.names)
        return written


def _request_options() -> frozenset[str]:
    options = load_module("stripe._request_options").RequestOptions
    return frozenset(options.__annotations__)


def _scalar(hint: Any) -> Any:
    readers: dict[Any, Callable[[Any], Any]] = {bool: _boolean, int: _integer, str: _text, Decimal: _decimal}
    return _annotated(hint, BeforeValidator(readers[hint])) if hint in readers else hint


def _annotated(hint: Any, marker: Any) -> Any:
    return ANNOTATED[hint, marker]


def _empty_or(value: Any, handler: Handler) -> Any:
    return "" if value == "" else handler(value)


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) and value else value


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if value not in BOOLEANS:
        raise ValueError("boolean")
    return BOOLEANS[value]


def _integer(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value)
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > 19:
        raise ValueError("empty" if value == "" else "integer")
    return int(text)


def _text(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise ValueError("string")
    if value == "":
        raise ValueError("empty")
    return str(value)


def _decimal(value: Any) -> Any:
    if value == "":
        raise ValueError("empty")
    return value
