"""What a resource file declares: its routes, and the call a handler is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.simulator.engine.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One API request on its way through a handler: validated params and the ids in its path."""

    world: World
    params: Json
    ids: dict[str, str] = field(default_factory=dict)
    path: str = ""

    @property
    def id(self) -> str:
        """The first id in the path."""
        return next(iter(self.ids.values()))


Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Route:
    """An operation of Stripe's API and the function that answers it.

    Attributes: published: whether Stripe's reference and packages name it.
    """

    method: str
    path: str
    handler: Handler
    published: bool = True


def pick(params: Json, *names: str) -> Json:
    """The given parameters of those names; an empty string unsets, so it becomes null."""
    return {name: None if params[name] == "" else params[name] for name in names if name in params}
