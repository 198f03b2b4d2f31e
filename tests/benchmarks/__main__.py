"""`make bench`: every measure in one run, the product beside the bare parts."""

import sys

from tests.benchmarks import comparing, intake, local_stripe, page, startup, sync, twelve_months
from tests.support.databases import Databases
from tests.support.simulator import SimulatorProcess


def main() -> int:
    """Run every benchmark and print its lines."""
    databases, stripe = Databases(durable=True), SimulatorProcess()
    stripe.start()
    try:
        intake.run(databases, stripe.url)
        page.run(databases, stripe.url)
        sync.run(databases, stripe)
        local_stripe.run(stripe)
        startup.run(stripe.url)
        twelve_months.run()
        comparing.run(databases)
    finally:
        stripe.stop()
        databases.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
