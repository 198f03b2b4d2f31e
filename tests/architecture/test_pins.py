"""What is pinned or vendored names its version and its hash, and never where it was fetched from."""

import json
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

ADDRESS = re.compile(
    r"https?://|git\+|\bwww\.|--(extra-)?index-url|--find-links|\b[\w-]+\.(org|com|io|net|dev)/",
    re.IGNORECASE,
)
PINS = sorted((ROOT / "requirements").glob("*.txt"))
MANIFESTS = sorted((ROOT / "app").rglob("manifest.json"))
LOCKS_WITH_ADDRESSES = ("uv.lock", "pylock.toml", "poetry.lock", "package-lock.json", "yarn.lock")


def addresses_in(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if ADDRESS.search(line)]


@pytest.mark.parametrize("path", [*PINS, *MANIFESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_pin_and_no_manifest_names_an_address(path: Path) -> None:
    assert addresses_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--extra-index-url http://10.0.0.1/simple",
        "--find-links wheels.example.org/all",
        "flask @ git+ssh://git.example.com/flask",
        '"resolved": "https://packages.example/chart.js-4.tgz",',
    ],
)
def test_an_address_would_be_seen(line: str) -> None:
    assert addresses_in(f"flask==3.1\n{line}\n") == [line]


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_is_exact_and_hashed(path: Path) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", path.read_text(encoding="utf-8").strip())

    loose = [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]

    assert loose == []


def test_there_are_pins_and_manifests_to_look_at() -> None:
    assert {path.name for path in PINS} == {"demo.txt", "development.txt", "production.txt"}
    assert len(MANIFESTS) >= 2


def test_every_vendored_file_is_listed_by_its_hash() -> None:
    for manifest in MANIFESTS:
        text = json.dumps(json.loads(manifest.read_text(encoding="utf-8")))
        files = [path.name for path in manifest.parent.rglob("*") if path.is_file() and path != manifest]
        unlisted = [name for name in files if f'"{name}"' not in text]
        assert unlisted == []


def test_no_lock_file_that_writes_addresses_is_kept() -> None:
    assert [name for name in LOCKS_WITH_ADDRESSES if (ROOT / name).exists()] == []
