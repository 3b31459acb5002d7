"""Articles as they are written: a small part of Markdown, read into plain pieces.

Nothing here makes HTML: templates lay the pieces out and escape every word, so that whatever is
typed stays text. Understood are `# headings` (two levels), paragraphs, `- lists`, `1. lists`,
`> notes`, `**bold**`, `*emphasis*` and `[words](https://address)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

_INLINE = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*|\*(?P<em>[^*\n]+)\*|\[(?P<words>[^\]\n]+)\]\((?P<to>[^)\s]+)\)"
)
_SAFE_ADDRESS = re.compile(r"^(https?://|mailto:|tel:|/)[^\s]*$", re.IGNORECASE)
_ITEM = re.compile(r"^\s*[-*]\s+(?P<text>.+)$")
_NUMBERED = re.compile(r"^\s*\d{1,3}[.)]\s+(?P<text>.+)$")
_HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<text>.+)$")
_NOTE = re.compile(r"^>\s?(?P<text>.*)$")


class Mark(StrEnum):
    """How a piece of a line is set."""

    PLAIN = "plain"
    STRONG = "strong"
    EM = "em"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line; `to` is the address of a link."""

    text: str
    mark: Mark = Mark.PLAIN
    to: str = ""


Line = tuple[Piece, ...]


class BlockKind(StrEnum):
    HEADING = "heading"
    SUBHEADING = "subheading"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or a note of one line, or a list of several."""

    kind: BlockKind
    lines: tuple[Line, ...]


#: What marks a line, in the order in which it is tried.
_KINDS: Final = (
    (BlockKind.BULLETS, _ITEM),
    (BlockKind.NUMBERS, _NUMBERED),
    (BlockKind.NOTE, _NOTE),
)


_LISTS: Final = frozenset({BlockKind.BULLETS, BlockKind.NUMBERS})


def read(text: str) -> tuple[Block, ...]:
    """The blocks of an article, in order. Whatever it does not understand is a paragraph."""
    found: list[Block] = []
    for kind, group in groupby(_kinded(text), key=lambda each: each[0]):
        lines = [line for _, line in group]
        if kind is None:
            continue
        if kind in {BlockKind.PARAGRAPH, BlockKind.NOTE}:
            found.append(Block(kind, (read_line(" ".join(lines)),)))
        elif kind in {BlockKind.HEADING, BlockKind.SUBHEADING}:
            found.extend(Block(kind, (read_line(line),)) for line in lines)
        else:
            found.append(Block(kind, tuple(read_line(line) for line in lines)))
    return tuple(found)


def read_line(text: str) -> Line:
    """The pieces of one line. A link that leads anywhere but to a page, mail or phone is text."""
    return tuple(_pieces(text))


def plain(text: str) -> str:
    """Small letters without accents and marks, for searching: "Dónde **aparcar**" is
    "donde aparcar"."""
    words = " ".join(piece.text for block in read(text) for line in block.lines for piece in line)
    parted = unicodedata.normalize("NFD", words.casefold())
    return "".join(char for char in parted if not unicodedata.combining(char))


def _kinded(text: str) -> list[tuple[BlockKind | None, str]]:
    """Each line with its kind; an indented one goes on with the item above it."""
    found: list[tuple[BlockKind | None, str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        kind, words = _kind_of(line.rstrip())
        is_indented = kind is BlockKind.PARAGRAPH and line[:1].isspace()
        if is_indented and found and found[-1][0] in _LISTS:
            found[-1] = (found[-1][0], f"{found[-1][1]} {words}")
        else:
            found.append((kind, words))
    return found


def _kind_of(line: str) -> tuple[BlockKind | None, str]:
    if not line.strip():
        return None, ""
    if heading := _HEADING.match(line):
        is_first = len(heading["marks"]) == 1
        return (BlockKind.HEADING if is_first else BlockKind.SUBHEADING), heading["text"]
    for kind, pattern in _KINDS:
        if match := pattern.match(line):
            return kind, match["text"]
    return BlockKind.PARAGRAPH, line.strip()


def _pieces(text: str) -> Iterator[Piece]:
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            yield Piece(text[at : match.start()])
        at = match.end()
        yield _marked(match)
    if at < len(text):
        yield Piece(text[at:])


def _marked(match: re.Match[str]) -> Piece:
    if match["strong"]:
        return Piece(match["strong"], Mark.STRONG)
    if match["em"]:
        return Piece(match["em"], Mark.EM)
    if _SAFE_ADDRESS.match(match["to"]) and not match["to"].startswith("//"):
        return Piece(match["words"], Mark.LINK, match["to"])
    return Piece(match[0])
