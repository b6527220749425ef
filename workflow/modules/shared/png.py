"""Writes PNG files: palette images, eight bits a pixel."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence


def palette_png(
    width: int, palette: Sequence[tuple[int, int, int]], rows: Sequence[bytes]
) -> bytes:
    """A PNG of `len(rows)` rows with `width` indexes each into a palette of at most 256 (red, green, blue)."""
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)
    colours = bytes(value for colour in palette for value in colour)
    # Every row begins with the number of its filter: 0, none.
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
