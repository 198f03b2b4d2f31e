"""Which page answers which address."""

from collections.abc import Callable

from app.simulator.delivery.worker import Deliveries
from app.simulator.engine.world import World
from app.simulator.http.api import Api
from app.simulator.http.doors import Doors
from app.simulator.http.messages import Request, Response
from app.simulator.pages.console import Console
from app.simulator.pages.documents import Documents
from app.simulator.pages.hosted import HostedPages, notice
from app.simulator.pages.portal import PortalPages
from app.simulator.pages.render import static_file


class Pages:
    """Everything meant for a browser."""

    def __init__(self, world: World, api: Api, doors: Doors, deliveries: Deliveries) -> None:
        self._console = Console(world, api, doors, deliveries)
        documents = Documents(world, doors)
        self._by_prefix: dict[str, Callable[[Request], Response]] = {
            "/c/pay/": HostedPages(world, doors),
            "/p/session/": PortalPages(world, doors),
            "/invoices/": documents.invoice,
            "/receipts/": documents.receipt,
            "/mandates/": documents.mandate,
            "/_sim/authenticate/": documents.authenticate,
        }

    def __call__(self, request: Request) -> Response:
        """The page of an address."""
        if request.path.startswith("/_static/"):
            return static_file(request.path)
        if request.path == "/" or request.path.startswith("/console/"):
            return self._console(request)
        for prefix, show in self._by_prefix.items():
            if request.path.startswith(prefix):
                return show(request)
        return notice("en", "missing", status=404)
