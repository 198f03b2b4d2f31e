"""Which kinds of facts lead a membership from one state to another."""

from typing import Final

from app.members.models import FactKind as Kind
from app.members.models import MembershipState as State

OF_AMOUNT: Final = frozenset({Kind.raised, Kind.lowered})
"""They leave the state as it is."""

LEGAL: Final[dict[Kind, tuple[tuple[State | None, ...], State]]] = {
    Kind.started: ((None,), State.active),
    Kind.past_due: ((State.active, State.paused, State.lapsed), State.past_due),
    Kind.recovered: ((State.past_due, State.lapsed), State.active),
    Kind.lapsed: ((State.past_due,), State.lapsed),
    Kind.paused: ((State.active,), State.paused),
    Kind.resumed: ((State.paused,), State.active),
    Kind.ended: ((State.active, State.past_due, State.lapsed, State.paused), State.ended),
}
"""From which states each kind may lead, and to which."""

_WAYS: Final[dict[tuple[State, State], tuple[Kind, ...]]] = {
    (State.active, State.past_due): (Kind.past_due,),
    (State.active, State.lapsed): (Kind.past_due, Kind.lapsed),
    (State.active, State.paused): (Kind.paused,),
    (State.past_due, State.active): (Kind.recovered,),
    (State.past_due, State.lapsed): (Kind.lapsed,),
    (State.past_due, State.paused): (Kind.recovered, Kind.paused),
    (State.lapsed, State.active): (Kind.recovered,),
    (State.lapsed, State.past_due): (Kind.past_due,),
    (State.lapsed, State.paused): (Kind.recovered, Kind.paused),
    (State.paused, State.active): (Kind.resumed,),
    (State.paused, State.past_due): (Kind.past_due,),
    (State.paused, State.lapsed): (Kind.past_due, Kind.lapsed),
}


def way(before: State, after: State, *, pause_holds: bool) -> tuple[Kind, ...]:
    """Return the kinds of facts that lead there, those among them that nobody saw happen.

    An invoice from before a pause can fail while the pause holds; where it holds no more, the
    membership was resumed before it failed. The end is not among them: it has a date of its own.
    """
    if before is after or after is State.ended:
        return ()
    missed = () if before is not State.paused or pause_holds or after is State.active else (Kind.resumed,)
    return (*missed, *_WAYS[before, after])


def leads_to(kind: Kind, before: State | None) -> State:
    """Return the state after a fact.

    Raises: ValueError: from this state no such fact can follow.
    """
    if kind in OF_AMOUNT and before is not None and before is not State.ended:
        return before
    origins, after = LEGAL.get(kind, ((), State.ended))
    if before not in origins:
        raise ValueError(f"{kind} cannot follow {before}")
    return after
