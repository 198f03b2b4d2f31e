"""What the account calls itself."""

from app.simulator.engine.world import World

ACCOUNT_NAME = "Simulated Newsroom"


def account_name(world: World) -> str:
    """The name on pages and invoices: the setting `account_name`, or one of the simulator's own."""
    return str(world.store.read_meta("account_name") or ACCOUNT_NAME)
