"""`flask demo`: the product beside a local Stripe, with a past of its own."""

import sys

import click

DEFAULT_PORT = 8000


@click.command("demo")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="The product's; three more follow.")
def demo(port: int) -> None:
    """Run the demo until Ctrl-C. It uses no setting and no database of yours.

    Example: flask demo --port 9000
    """
    from app.demo.folder import DEFAULT_FOLDER  # noqa: PLC0415 (no other command pays for the demo)
    from app.demo.run import History, Options, run_demo  # noqa: PLC0415

    sys.exit(run_demo(Options(port=port, state=DEFAULT_FOLDER, history=History.full)))
