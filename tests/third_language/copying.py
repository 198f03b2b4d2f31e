"""The product with one catalogue more, in which every word of ours stands between marks."""

import re
import shutil
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("app", "config", "tests", "migrations")
LANGUAGE = "ar"
"""Runs from right to left, counts in six forms, and is none of the newsroom's own."""
BEGIN, END = "‹", "›"
"""Marks that no word of ours holds and that receipts can draw."""


def copy_product(to: Path) -> None:
    """Copy the product, add one catalogue file, and let the newsroom speak that language, too."""
    for name in COPIED:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    folder = to / "app" / "translations" / LANGUAGE / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, marked_catalogue())
    newsroom = to / "config" / "newsroom.toml"
    newsroom.write_text(_speaking(newsroom.read_text(encoding="utf-8")), encoding="utf-8")


def marked_catalogue() -> Catalog:
    """Return every message of ours as its own translation, between marks."""
    with (ROOT / "app" / "translations" / "messages.pot").open("rb") as file:
        template = read_po(file)
    made = Catalog(locale=LANGUAGE)
    for message in template:
        if message.id:
            made.add(message.id, _marked(message, made.num_plurals), context=message.context)
    return made


def _marked(message: Message, forms: int) -> str | tuple[str, ...]:
    if isinstance(message.id, str):
        return f"{BEGIN}{message.id}{END}"
    return (f"{BEGIN}{message.id[1]}{END}",) * forms


def _speaking(newsroom: str) -> str:
    newsroom = newsroom.replace('languages = ["en", "ru"]', f'languages = ["en", "ru", "{LANGUAGE}"]')
    return re.sub(r'(?m)^en = "(.*)"$', rf'\g<0>\n{LANGUAGE} = "{BEGIN}\1{END}"', newsroom)
