"""Our own files: kept for ever under their hash, compressed once, and exactly what was vendored."""

import gzip
import hashlib
import json

import pytest
from flask.testing import FlaskClient

from app.web.static_files import FOLDER

VENDOR = FOLDER / "vendor"


def hashed_style(reader: FlaskClient) -> str:
    page = reader.get("/support").text
    return page.partition('href="/static/reader.css')[2].partition('"')[0]


def test_a_file_under_its_hash_is_kept_for_ever(reader: FlaskClient) -> None:
    answer = reader.get(f"/static/reader.css{hashed_style(reader)}")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_a_file_under_another_hash_is_asked_for_again(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/static/reader.css{query}")

    assert answer.headers["Cache-Control"] == "public, no-cache"
    same = reader.get(f"/static/reader.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")


def test_texts_travel_compressed_and_fonts_as_they_are(reader: FlaskClient) -> None:
    zipped = {"Accept-Encoding": "gzip"}
    style = reader.get("/static/reader.css", headers=zipped)
    font = reader.get(
        "/static/vendor/source-serif-4-5.3.1/source-serif-4-latin-600-normal.woff2", headers=zipped
    )

    assert style.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(style.data) == (FOLDER / "reader.css").read_bytes()
    assert style.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in font.headers
    assert font.content_type == "font/woff2"


@pytest.mark.parametrize(
    "name", ["nothing.css", "../__init__.py", "%2e%2e/errors.py", "..%2f..%2ffactory.py", "vendor", ""]
)
def test_nothing_outside_the_folder_is_served(reader: FlaskClient, name: str) -> None:
    assert reader.get(f"/static/{name}").status_code in (404, 308)


def test_vendored_files_are_what_the_manifest_says_and_nothing_else() -> None:
    packages = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    listed = {
        f"{package['folder']}/{name}": digest
        for package in packages
        for name, digest in package["files"].items()
    }
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == listed
    for package in packages:
        assert package["version"] in package["folder"]
        assert package["licence_file"] in package["files"]
        assert len(package["npm_sha512"]) == 128


def test_the_manifest_holds_no_address() -> None:
    assert "://" not in (VENDOR / "manifest.json").read_text()
