"""Searches for the canary: a name and an address that stand nowhere by chance."""

import base64
from collections.abc import Iterator

import sqlalchemy as sa

from app.db import create_db_engine

WORDS = ("quillfeather", "zoraida", "zq-canary", "canary-7731")
"""Parts of CANARY's name and the address, none of which may be found in any case or coding."""


def found_in(text: str) -> set[str]:
    """Return the words found in a text, in clear or coded."""
    return {word for word in WORDS for needle in needles(word) if needle in text.lower()}


def needles(word: str) -> Iterator[str]:
    """Return what a word may look like, in lower case: as it is, in hexadecimal, inside base64."""
    yield word
    for spelling in (word, word.title(), word.upper()):
        yield spelling.encode().hex()
        for before in range(3):
            yield inside_base64(spelling.encode(), before).lower()


def inside_base64(part: bytes, before: int) -> str:
    """Return the characters that `part` alone decides, where `before` bytes stand before it in its group."""
    first = -(-8 * before // 6)
    end = 8 * (before + len(part)) // 6
    return base64.b64encode(bytes(before) + part + bytes(2)).decode()[first:end]


def dump(database_url: str) -> str:
    """Return every value of every row of every table as text, bytes both as they are and in hexadecimal."""
    engine = create_db_engine(database_url)
    said = []
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):
                said += [_text(value) for value in row]
    engine.dispose()
    assert said
    return "\n".join(said)


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1") + "\n" + bytes(value).hex()
    return str(value)
