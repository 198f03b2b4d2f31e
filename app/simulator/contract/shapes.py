"""The shape of every Stripe object, read from the annotations of its resource class.

The sources are read as syntax, not imported: it is quick, and names only needed
for type checking resolve like any other.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from app.simulator.contract.package import imported_classes, module_tree, object_classes

SCALARS = {"str": str, "int": int, "bool": bool, "float": float, "Decimal": str, "Any": object}


@dataclass(frozen=True)
class Scalar:
    """A plain value; `Decimal` travels as a string."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of the named values; Stripe writes it open, the simulator keeps it closed."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class Reference:
    """Another object of the package, by module and class."""

    module: str
    cls: str


@dataclass(frozen=True)
class Expandable:
    """An id, or the object itself when the caller asked to expand it."""

    item: "Shape"


@dataclass(frozen=True)
class Array:
    """A JSON array."""

    item: "Shape"


@dataclass(frozen=True)
class ObjectList:
    """Stripe's list object, `{object: "list", data: [...]}`."""

    item: "Shape"


@dataclass(frozen=True)
class Table:
    """A hash with free keys, such as metadata."""

    item: "Shape"


@dataclass(frozen=True)
class OneOf:
    """Any of several shapes."""

    items: tuple["Shape", ...]


@dataclass(eq=False)
class Record:
    """A hash with named fields."""

    name: str
    fields: dict[str, "Field"] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A named field of a record."""

    shape: "Shape"
    optional: bool


Shape = Scalar | Choice | Reference | Expandable | Array | ObjectList | Table | OneOf | Record


@cache
def shape_of_class(module: str, cls: str) -> Record:
    """The record of one class of the package."""
    for node in module_tree(module).body:
        if isinstance(node, ast.ClassDef) and node.name == cls:
            return _Reader(module).record(node, scope={})
    raise LookupError(f"{module} has no class {cls}")


@cache
def shape_of_object(name: str) -> Record | None:
    """The record of an object by Stripe's own name for it, or None when there is none."""
    place = object_classes().get(name)
    return None if place is None else shape_of_class(*place)


class _Reader:
    """Turns the annotations of one module into shapes."""

    def __init__(self, module: str) -> None:
        self.module = module

    def record(self, node: ast.ClassDef, scope: dict[str, Record]) -> Record:
        inner = dict(scope)
        for child in node.body:
            if isinstance(child, ast.ClassDef):
                inner[child.name] = self.record(child, inner)
        made = Record(node.name)
        for child in node.body:
            if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
                self._add_field(made, child.target.id, child.annotation, inner)
        return made

    def _add_field(self, made: Record, name: str, annotation: ast.expr, scope: dict[str, Record]) -> None:
        if name.startswith("_") or _head(annotation) in {"ClassVar", "Type"}:
            return
        optional = _head(annotation) == "Optional"
        inner = _argument(annotation) if optional else annotation
        made.fields[name] = Field(self.shape(inner, scope), optional)

    def shape(self, node: ast.expr, scope: dict[str, Record]) -> Shape:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return self.shape(ast.parse(node.value, mode="eval").body, scope)
        if isinstance(node, ast.Name):
            return self._named(node.id, scope)
        if isinstance(node, ast.Attribute):
            return self._named(node.attr, scope)
        return self._generic(_head(node), _argument(node), scope)

    def _generic(self, head: str, argument: ast.expr, scope: dict[str, Record]) -> Shape:
        if head == "Literal":
            return Choice(_literals(argument))
        if head in {"Union", "Optional"}:
            return self._union(argument, scope)
        kinds: dict[str, Callable[[Shape], Shape]] = {
            "ExpandableField": Expandable,
            "List": Array,
            "ListObject": ObjectList,
            "UntypedStripeObject": Table,
        }
        return kinds[head](self.shape(argument, scope))

    def _union(self, argument: ast.expr, scope: dict[str, Record]) -> Shape:
        parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
        shapes = tuple(self.shape(part, scope) for part in parts)
        choices = [shape for shape in shapes if isinstance(shape, Choice)]
        if len(shapes) == 2 and choices and Scalar("str") in shapes:
            return choices[0]
        return shapes[0] if len(shapes) == 1 else OneOf(shapes)

    def _named(self, name: str, scope: dict[str, Record]) -> Shape:
        if name in SCALARS:
            return Scalar(name)
        if name in scope:
            return scope[name]
        module, cls = imported_classes(self.module).get(name, (self.module, name))
        return Reference(module, cls)


def _head(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id
    return ""


def _argument(node: ast.expr) -> ast.expr:
    if not isinstance(node, ast.Subscript):
        raise TypeError(f"not a generic annotation: {ast.dump(node)}")
    return node.slice


def _literals(argument: ast.expr) -> tuple[object, ...]:
    parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
    return tuple(part.value for part in parts if isinstance(part, ast.Constant))
