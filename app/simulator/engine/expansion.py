"""`expand[]`: ids replaced by their objects, down to four levels."""

from collections.abc import Callable
from typing import Any

from app.simulator.contract.responses import complete
from app.simulator.contract.shapes import (
    Array,
    Expandable,
    ObjectList,
    Record,
    Reference,
    Shape,
    shape_of_class,
    shape_of_object,
)
from app.simulator.engine.errors import StripeError, invalid
from app.simulator.engine.world import World

Json = dict[str, Any]
Includable = Callable[[World, Json], Json | None]
LEVELS = 4
LISTS = {"list", "search_result"}


class Expander:
    """Shows objects in full, with nulls filled in and the asked-for parts expanded."""

    def __init__(self, world: World, includable: dict[tuple[str, str], Includable]) -> None:
        self.world = world
        self.includable = includable

    def show(self, obj: Json, paths: list[str]) -> Json:
        """One answer as the API gives it.

        Args: obj: presented, not yet completed; paths: the values of `expand[]`.
        Raises: StripeError: a path that cannot be expanded.
        """
        if obj.get("object") in LISTS:
            whole = {**obj, "data": [complete_event(item) for item in obj["data"]]}
        else:
            whole = complete_event(obj)
        for path in paths:
            self._expand(whole, _steps(path), path)
        return whole

    def _expand(self, obj: Json, steps: list[str], path: str) -> None:
        if obj.get("object") in LISTS:
            if steps == ["total_count"] and "total_count" in obj:
                return
            if steps[0] != "data":
                raise _cannot(path, hint=f"data.{path}")
            for item in obj["data"]:
                self._expand(item, steps[1:] or [""], path)
            return
        shape = shape_of_object(str(obj.get("object")))
        if shape is None:
            raise _cannot(path)
        self._step(obj, shape, steps, path)

    def _step(self, obj: Json, shape: Record, steps: list[str], path: str) -> None:
        name, rest = steps[0], steps[1:]
        field = shape.fields.get(name)
        if field is None:
            raise _cannot(path)
        kind = str(obj.get("object"))
        if (kind, name) in self.includable:
            if obj[name] is None:
                obj[name] = self._included(kind, name, obj)
        elif _is_expandable(field.shape):
            obj[name] = self._expanded(obj[name])
        elif not rest:
            raise _cannot(path)
        self._descend(obj[name], field.shape, rest, path)

    def _descend(self, value: Any, shape: Shape, rest: list[str], path: str) -> None:
        if not rest or value is None:
            return
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict):
                continue
            if item.get("object"):
                self._expand(item, rest, path)
            else:
                self._step(item, _record(shape, path), rest, path)

    def _expanded(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._expanded(item) for item in value]
        if not isinstance(value, str):
            return value
        found = self.world.store.find(value)
        if found is None:
            return value
        return complete(self.world.present(found))

    def _included(self, kind: str, name: str, obj: Json) -> Json | None:
        included = self.includable[(kind, name)](self.world, obj)
        if included is None or included.get("object") != "list":
            return included
        return {**included, "data": [complete(item) for item in included["data"]]}


def complete_event(obj: Json) -> Json:
    """Fill in nulls, inside the object an event carries as well."""
    whole = complete(obj)
    if whole.get("object") == "event":
        whole["data"] = {**whole["data"], "object": complete(whole["data"]["object"])}
    return whole


def _steps(path: str) -> list[str]:
    steps = path.split(".")
    if len([step for step in steps if step != "data"]) > LEVELS:
        raise invalid(f"You cannot expand more than {LEVELS} levels of a property ({path}).", param="expand")
    return steps


def _is_expandable(shape: Shape) -> bool:
    inner = shape.item if isinstance(shape, Array) else shape
    return isinstance(inner, Expandable)


def _record(shape: Shape, path: str) -> Record:
    inner = shape.item if isinstance(shape, Array | ObjectList | Expandable) else shape
    if isinstance(inner, Reference):
        return shape_of_class(inner.module, inner.cls)
    if not isinstance(inner, Record):
        raise _cannot(path)
    return inner


def _cannot(path: str, *, hint: str | None = None) -> StripeError:
    advice = f" You may want to try expanding '{hint}' instead." if hint else ""
    return invalid(f"This property cannot be expanded ({path}).{advice}", param="expand")
