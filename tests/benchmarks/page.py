"""The support page against a bare Flask page of the same size, and what its first view weighs."""

import gzip
import re
import urllib.request

from tests.benchmarks.load import Request, requests_a_second
from tests.benchmarks.rounds import describe, paired
from tests.benchmarks.servers import both
from tests.support.databases import Databases

VIEWS_A_ROUND = 1500


def run(databases: Databases, stripe_url: str) -> None:
    """Measure requests a second, and bytes over the wire."""
    url = databases.create("sqlite")
    size = _size_of_page(url, stripe_url)
    with both(url, stripe_url, BARE_PAGE_BYTES=str(size)) as (ours, bare):
        measured = paired(
            lambda number: requests_a_second(ours, make, round_number=number),
            lambda number: requests_a_second(bare, make, round_number=number),
        )
        weight = first_view_bytes(ours)
    print(describe(f"support page ({size} bytes)", *measured))
    print(f"first view of /support             {weight} bytes over the wire")
    databases.drop(url)


def _size_of_page(database_url: str, stripe_url: str) -> int:
    with both(database_url, stripe_url) as (ours, _bare):
        return len(_get(ours + "/support")[0])


def make(_round_number: int) -> list[Request]:
    """Return plain views of the page."""
    return [Request("GET", "/support", {})] * VIEWS_A_ROUND


def first_view_bytes(url: str) -> int:
    """Return what a browser with nothing cached fetches: the page and all it names of ours."""
    page, total = _get(url + "/support")
    assets = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.decode()))
    return total + sum(_get(url + asset.replace("&amp;", "&"))[1] for asset in assets)


def _get(url: str) -> tuple[bytes, int]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body, headers = answer.read(), len(str(answer.headers))
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(body) if packed else body, len(body) + headers
