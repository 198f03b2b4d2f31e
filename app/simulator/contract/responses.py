"""Held to the contract: what an answer must look like, and the nulls it may leave unsaid."""

from functools import cache
from typing import Any, TypeGuard

from app.simulator.contract.shapes import (
    Array,
    Choice,
    Expandable,
    ObjectList,
    OneOf,
    Record,
    Reference,
    Scalar,
    Shape,
    Table,
    shape_of_class,
    shape_of_object,
)

Json = dict[str, Any]
LIST_FIELDS = {"object", "data", "has_more", "url"}
SEARCH_FIELDS = LIST_FIELDS | {"next_page", "total_count"}
DELETED_FIELDS = {"id", "object", "deleted"}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (float, int),
    "Decimal": (str,),
}


def check_response(obj: object) -> list[str]:
    """Check one answer of the API, a list of answers, an error or an event.

    Every annotated field must be there with its type, and nothing else.
    Returns: one sentence per violation, each naming the path of the field.
    """
    if not isinstance(obj, dict):
        return ["the answer is not an object"]
    if set(obj) == {"error"}:
        return _check_error(obj["error"])
    return list(_check_object(obj, str(obj.get("object", "answer"))))


def complete(obj: Json) -> Json:
    """Add every annotated field an object leaves out, as null, at every depth."""
    shape = shape_of_object(str(obj.get("object")))
    if shape is None or is_deleted(obj):
        return obj
    return _complete_record(obj, shape)


def is_deleted(obj: Json) -> bool:
    """Whether this is the stub Stripe leaves of a deleted object."""
    return obj.get("deleted") is True and set(obj) <= DELETED_FIELDS


def _complete_record(obj: Json, shape: Record) -> Json:
    defaults, nested = _plan(shape)
    whole: Json = {**defaults, **obj}
    for name, inner in nested:
        value = whole[name]
        if value is not None:
            whole[name] = _complete_value(value, inner)
    return whole


@cache
def _plan(shape: Record) -> tuple[Json, list[tuple[str, Shape]]]:
    nested = [(name, field.shape) for name, field in shape.fields.items() if not _is_leaf(field.shape)]
    return dict.fromkeys(shape.fields), nested


def _is_leaf(shape: Shape) -> bool:
    if isinstance(shape, Table | Array):
        return _is_leaf(shape.item)
    return isinstance(shape, Scalar | Choice)


def _complete_value(value: Any, shape: Shape) -> Any:
    if isinstance(value, dict):
        return _complete_hash(value, shape)
    if isinstance(value, list) and isinstance(shape, Array):
        return [_complete_value(item, shape.item) for item in value]
    return value


def _complete_hash(value: Json, shape: Shape) -> Json:
    if isinstance(shape, Record):
        return _complete_record(value, shape)
    if isinstance(shape, ObjectList):
        return {**value, "data": [_complete_value(item, shape.item) for item in value["data"]]}
    if isinstance(shape, Table):
        return {key: _complete_value(item, shape.item) for key, item in value.items()}
    return complete(value)


def _check_error(error: object) -> list[str]:
    shape = shape_of_class("stripe._error_object", "ErrorObject")
    if not isinstance(error, dict):
        return ["error: not an object"]
    known = set(shape.fields) | {"request_log_url", "advice_code", "network_decline_code"}
    unknown = [f"error.{name}: no such field" for name in error if name not in known]
    missing = [f"error.{name}: missing" for name in ("type", "message") if not error.get(name)]
    return unknown + missing


def _check_object(obj: Json, path: str) -> list[str]:
    kind = obj.get("object")
    if kind in {"list", "search_result"}:
        return _check_list(obj, path, None)
    shape = shape_of_object(str(kind))
    if shape is None:
        return [f"{path}: no object is called {kind!r}"]
    if is_deleted(obj):
        return []
    found = _check_record(obj, shape, path)
    if kind == "event":
        found += _check_object(obj["data"]["object"], f"{path}.data.object")
    return found


def _check_list(obj: Json, path: str, item: Shape | None) -> list[str]:
    allowed = SEARCH_FIELDS if obj.get("object") == "search_result" else LIST_FIELDS
    found = [f"{path}.{name}: no such field" for name in obj if name not in allowed]
    found += [f"{path}.{name}: missing" for name in LIST_FIELDS if name not in obj]
    for number, entry in enumerate(obj.get("data") or []):
        where = f"{path}.data[{number}]"
        found += _check_object(entry, where) if item is None else _check_value(entry, item, where)
    return found


def _check_record(obj: Json, shape: Record, path: str) -> list[str]:
    found = [f"{path}.{name}: no such field" for name in obj if name not in shape.fields]
    for name, field in shape.fields.items():
        where = f"{path}.{name}"
        if name not in obj:
            found.append(f"{where}: missing")
        elif obj[name] is None:
            found += [] if field.optional else [f"{where}: null, but never null at Stripe"]
        else:
            found += _check_value(obj[name], field.shape, where)
    return found


def _check_value(value: object, shape: Shape, path: str) -> list[str]:
    if isinstance(shape, Expandable):
        shape = shape.item if isinstance(value, dict) else Scalar("str")
    if isinstance(shape, Scalar | Choice):
        return _check_scalar(value, shape, path)
    if isinstance(shape, OneOf):
        tries = [_check_value(value, item, path) for item in shape.items]
        return [] if [] in tries else max(tries, key=len)
    return _check_nested(value, shape, path)


def _check_scalar(value: object, shape: Scalar | Choice, path: str) -> list[str]:
    if isinstance(shape, Choice):
        return [] if value in shape.values else [f"{path}: {value!r} is not one of Stripe's values"]
    types = PYTHON_TYPES.get(shape.name, (object,))
    # To Python a boolean is an integer; to Stripe it is not.
    mistaken = isinstance(value, bool) and shape.name in {"int", "float"}
    return [] if isinstance(value, types) and not mistaken else [f"{path}: {value!r} is not {shape.name}"]


def _check_nested(value: object, shape: Shape, path: str) -> list[str]:
    if isinstance(shape, Array):
        return _check_array(value, shape, path)
    if not _is_hash(value):
        return [f"{path}: not an object"]
    if isinstance(shape, ObjectList):
        return _check_list(value, path, shape.item)
    if isinstance(shape, Table):
        return [
            line for key, item in value.items() for line in _check_value(item, shape.item, f"{path}.{key}")
        ]
    if isinstance(shape, Reference):
        return _check_reference(value, shape, path)
    return _check_record(value, shape, path) if isinstance(shape, Record) else []


def _check_array(value: object, shape: Array, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: not an array"]
    entries = enumerate(value)
    return [line for number, item in entries for line in _check_value(item, shape.item, f"{path}[{number}]")]


def _check_reference(value: Json, shape: Reference, path: str) -> list[str]:
    record = shape_of_class(shape.module, shape.cls)
    kind = record.fields.get("object")
    expected = kind.shape.values if kind and isinstance(kind.shape, Choice) else ()
    if value.get("object") not in expected:
        return [f"{path}: an object {value.get('object')!r} where {shape.cls} belongs"]
    return _check_object(value, path)


def _is_hash(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)
