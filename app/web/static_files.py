"""Serves our own files: found by their content's hash, kept by browsers for ever, compressed once.

`asset("reader.css")` in a template and `url_for("static", filename="reader.css")` in code both give
`/static/reader.css?v=<hash>`. Files under `vendor/` stand in a folder that names their version, so
they may be kept without the hash as well: style sheets name them by plain relative addresses.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
ALREADY_COMPRESSED = frozenset({".woff2", ".png", ".jpg", ".webp"})
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}
VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it goes over the wire."""

    content: bytes
    gzipped: bytes | None
    """None where compressing again would gain nothing."""
    version: str
    type: str


class StaticFiles:
    """The files of one folder, listed at the start and read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._paths = {
            path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
        }
        self._files: dict[str, StaticFile] = {}

    def find(self, name: str) -> StaticFile | None:
        """Return a file by its path in the folder; no other path leads anywhere."""
        if name not in self._files and name in self._paths:
            self._files[name] = _load(self._paths[name])
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Return the address of a file, its hash in it. Raises: LookupError: no such file."""
        file = self.find(name)
        if file is None:
            raise LookupError(f"no static file {name}")
        return f"/static/{name}?v={file.version}"


def init_app(app: Flask) -> None:
    """Serve the folder under /static/."""
    files = StaticFiles(FOLDER)

    def serve(filename: str) -> Response:
        file = files.find(filename)
        if file is None:
            abort(404)
        return _answer(file, keep=_may_be_kept(filename, file))

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        file = files.find(values.get("filename", "")) if endpoint == "static" else None
        if file:
            values.setdefault("v", file.version)

    app.add_url_rule("/static/<path:filename>", "static", serve)
    app.url_default_functions.setdefault(None, []).append(add_version)
    app.jinja_env.globals["asset"] = files.address


def _load(path: Path) -> StaticFile:
    content = path.read_bytes()
    suffix = path.suffix
    return StaticFile(
        content=content,
        gzipped=None if suffix in ALREADY_COMPRESSED else gzip.compress(content, 9, mtime=0),
        version=hashlib.sha256(content).hexdigest()[:VERSION_LENGTH],
        type=TYPES.get(suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream",
    )


def _may_be_kept(filename: str, file: StaticFile) -> bool:
    """Whether this address can never come to mean another content."""
    return request.args.get("v") == file.version or filename.startswith("vendor/")


def _answer(file: StaticFile, *, keep: bool) -> Response:
    zipped = file.gzipped if "gzip" in request.headers.get("Accept-Encoding", "") else None
    response = Response(zipped or file.content, content_type=file.type)
    response.headers["Cache-Control"] = FOR_EVER if keep else ASK_AGAIN
    if file.gzipped:
        response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(file.version + ("-gz" if zipped else ""))
    response.make_conditional(request)
    return response
