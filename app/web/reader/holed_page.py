"""A page rendered and compressed once, with holes for the little that differs in each answer."""

import re
import zlib

_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255))
_RAW_DEFLATE = -15
_LONGEST_STORED = 0xFFFF


def hole(name: str) -> str:
    """Return the mark to render where a value will stand; safe in HTML and in addresses."""
    return f"hole-{name}-eloh"


class HoledPage:
    """Bytes between holes.

    The compressed form is one ordinary gzip member: each solid part was deflated by itself and ends on
    a byte (Z_FULL_FLUSH), and each filled hole is a stored block between two of them. So an answer costs
    no compression, only a checksum from the first hole on: holes belong near the end of a page. What
    fills a hole is never compressed together with anything else.
    """

    def __init__(self, html: str) -> None:
        solid_and_names = re.split(r"hole-([a-z]+)-eloh", html)
        self._solid = [part.encode() for part in solid_and_names[::2]]
        self._names = solid_and_names[1::2]
        self._deflated = [
            _deflate(part, last=index == len(self._names)) for index, part in enumerate(self._solid)
        ]
        self._deflated[0] = _GZIP_HEADER + self._deflated[0]
        self._checksum_at_first_hole = zlib.crc32(self._solid[0])
        self._solid_size = sum(map(len, self._solid))

    def fill(self, values: dict[str, str]) -> bytes:
        """Return the page; every value must be safe where its hole stands, for nothing is escaped here."""
        return b"".join(_woven(self._solid, self._fillings(values)))

    def fill_gzipped(self, values: dict[str, str]) -> bytes:
        """Return the same page as gzip."""
        fillings = self._fillings(values)
        rest = b"".join(_woven([b"", *self._solid[1:]], fillings))
        checksum = zlib.crc32(rest, self._checksum_at_first_hole)
        size = self._solid_size + sum(map(len, fillings))
        trailer = checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
        return b"".join((*_woven(self._deflated, [_stored_block(filling) for filling in fillings]), trailer))

    def _fillings(self, values: dict[str, str]) -> list[bytes]:
        return [values[name].encode() for name in self._names]


def _woven(parts: list[bytes], fillings: list[bytes]) -> list[bytes]:
    woven = [parts[0]]
    for filling, part in zip(fillings, parts[1:], strict=True):
        woven += (filling, part)
    return woven


def _deflate(part: bytes, *, last: bool) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE)
    return deflater.compress(part) + deflater.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def _stored_block(filling: bytes) -> bytes:
    size = len(filling)
    return b"\0" + size.to_bytes(2, "little") + (size ^ _LONGEST_STORED).to_bytes(2, "little") + filling
