"""Where the installed `stripe` package keeps its sources, and its parsed modules."""

import ast
import re
import threading
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOADING = threading.RLock()
API_VERSION_PATTERN = re.compile(r'CURRENT = "([^"]+)"')
OBJECT_CLASS_PATTERN = re.compile(r'"([a-z_.]+)":\s*\(\s*"(stripe\.[\w.]+)",\s*"(\w+)",?\s*\)')


def load_module(name: str) -> Any:
    """Import the package, or a module of it, one thread at a time.

    Its modules import each other in circles: two threads that enter at different
    places meet half-loaded modules.
    """
    with LOADING:
        import_module("stripe")
        return import_module(name)


@cache
def package_folder() -> Path:
    """The folder of the `stripe` package, found without importing it."""
    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the local Stripe needs the `stripe` package")
    return Path(spec.origin).parent


@cache
def api_version() -> str:
    """The API version the installed package is generated for."""
    text = (package_folder() / "_api_version.py").read_text(encoding="utf-8")
    found = API_VERSION_PATTERN.search(text)
    if found is None:
        raise ValueError("the `stripe` package names no API version")
    return found.group(1)


@cache
def object_classes() -> dict[str, tuple[str, str]]:
    """Stripe's object names (`charge`) with their module and class."""
    text = (package_folder() / "_object_classes.py").read_text(encoding="utf-8")
    return {name: (module, cls) for name, module, cls in OBJECT_CLASS_PATTERN.findall(text)}


@cache
def module_tree(module: str) -> ast.Module:
    """The syntax tree of one module of the package, such as `stripe._charge`."""
    relative = module.removeprefix("stripe.").replace(".", "/")
    base = package_folder() / relative
    path = base.with_suffix(".py") if not base.is_dir() else base / "__init__.py"
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imported_classes(module: str) -> dict[str, tuple[str, str]]:
    """Names a module imports from elsewhere in the package: local name to (module, class)."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(module_tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe"):
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module or "", alias.name)
    return found
