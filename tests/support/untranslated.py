"""Finds words for readers that stand in a template or in code outside of any catalogue."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

SAID_IN = frozenset({"title", "alt", "aria-label", "placeholder", "aria-description", "aria-roledescription"})
"""Attributes that are read out or shown; a button's `value` as well."""
TRANSLATES = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext", "translate"})
FILLED = "\N{OBJECT REPLACEMENT CHARACTER}"
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"^[A-ZА-Я][\w'’,-]*( [\w'’,()-]+)+[.!?:]?|[\w'’,]+ [\w'’,]+.*[.!?]$")
"""What people are told looks so: words with spaces that begin with a capital, or end with a full stop."""
UNSAID = frozenset({"script", "style"})
CLASSES = frozenset({"body_class"})
"""Blocks that name classes, and say nothing."""
NAMES = frozenset({"PDF"})
"""The same in every language."""
ATTRIBUTES = re.compile(r'^ ?[a-z-]+="[^"]*"( [a-z-]+="[^"]*")*$')
"""What a macro writes into a tag."""


class _Said(HTMLParser):
    """Gathers what a page says of its own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that are said."""
        if tag in UNSAID:
            self._inside.append(tag)
        values = dict(attrs)
        is_button = tag == "button" or values.get("type") in ("submit", "button", "reset")
        for name, value in attrs:
            if value and (name in SAID_IN or (name == "value" and is_button and tag == "input")):
                self._note(value)

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not said."""
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Note words."""
        if not self._inside:
            self._note(data)

    def _note(self, text: str) -> None:
        said = " ".join(text.split())
        if set(WORD.findall(said)) - NAMES and not ATTRIBUTES.match(said):
            self.found.append(said)


def in_template(source: str, *, is_html: bool = True) -> list[str]:
    """Return the words of a template that no catalogue can translate."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=False)
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    tree = environment.parse(source)
    written = "".join(_written(tree))
    said = _Said(written).found if is_html else [line for line in written.split("\n") if WORD.search(line)]
    return [*said, *_said_by_expressions(tree)]


def _written(tree: nodes.Node) -> Iterator[str]:
    """Yield what stands in a template as it is, and a mark for whatever is filled in."""
    unsaid = {
        id(output)
        for block in tree.find_all(nodes.Block)
        if block.name in CLASSES
        for output in block.find_all(nodes.Output)
    }
    for output in tree.find_all(nodes.Output):
        for part in output.nodes if id(output) not in unsaid else ():
            yield part.data if isinstance(part, nodes.TemplateData) else FILLED


def _said_by_expressions(tree: nodes.Node) -> Iterator[str]:
    """Yield literal sentences in expressions, but for those that are translated."""
    translated = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATES
        for constant in call.find_all(nodes.Const)
    }
    for constant in tree.find_all(nodes.Const):
        if id(constant) in translated or not isinstance(constant.value, str):
            continue
        if SENTENCE.search(constant.value):
            yield constant.value


def in_code(path: Path) -> list[str]:
    """Return the sentences in a file of code that no catalogue can translate.

    Left aside are docstrings, what is raised or logged, and what stands in assertions: no reader is told.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left = {id(part) for node in ast.walk(tree) if _is_no_readers(node) for part in ast.walk(node)}
    return [
        f"{path.name}:{node.lineno} {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in left
        and SENTENCE.search(node.value)
    ]


def _is_no_readers(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Assert):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    is_log = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "log"
    return is_log or name in TRANSLATES or name in ("NotNeeded", "super")
