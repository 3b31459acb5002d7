"""What a text costs on the wire: GSM-7 or UCS-2, and how many segments.

Source: 3GPP TS 23.038 (the 7-bit alphabet and its extension) and TS 23.040 (160 septets alone,
153 in a chain; 70 and 67 UTF-16 units where one character lies outside the alphabet). One such
character more than halves the room, so our own texts are kept inside the alphabet.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

GSM_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Characters of one septet."""

GSM_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Characters of two septets: an escape, which may not part from its character, and a code."""

_PLAIN_TWINS: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u2002\u2003\u202f\t", " "),
        **dict.fromkeys("\u200b\u2060\ufeff\u00ad", ""),
        "\u2026": "...",
        "\u2022": "-",
        "\u00b7": "-",
        "\u2044": "/",
        "\u00d7": "x",
        "\u00aa": "a",
        "\u00ba": "o",
    }
)


class Encoding(StrEnum):
    """The two alphabets of SMS."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, kw_only=True)
class Segments:
    """What a text takes: `units` are septets in GSM-7 and UTF-16 units in UCS-2.

    `outside` lists the characters that forced UCS-2, each once, in order.
    """

    encoding: Encoding
    units: int
    parts: int
    outside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong with a text: the name of the rule and a sentence that says what to do."""

    rule: str
    sentence: str


def count_segments(text: str) -> Segments:
    """Count as the carriers do; the empty text takes no segment."""
    outside = tuple(dict.fromkeys(char for char in text if not _in_gsm(char)))
    if outside:
        widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
        return _segments(Encoding.UCS2, widths, alone=70, chained=67, outside=outside)
    widths = [2 if char in GSM_EXTENSION else 1 for char in text]
    return _segments(Encoding.GSM7, widths, alone=160, chained=153)


def to_gsm7(text: str) -> str:
    """Replace what has a plain twin, and leave the rest alone.

    Curly quotes, dashes, and special spaces become plain. Letters that GSM-7 has keep their
    accents (é ñ ü ¿ ¡ à è ...); letters that it lacks lose them (á í ó ú, so "sábado" goes out
    as "sabado"). One "á" would turn a whole text into UCS-2, with 70 characters a segment for
    160: Spanish texts would cost three times as much, use up the carrier's daily quota three
    times as fast, and arrive in pieces on old phones. Spanish readers are used to texts without
    these accents. What has no plain twin (an emoji, another script) stays; `lint` reports it.
    """
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN_TWINS)
    return "".join(char if _in_gsm(char) else _without_accent(char) for char in composed)


def lint(text: str, *, most_parts: int = 1) -> list[Problem]:
    """What is wrong with a text that is about to cost money: empty, not GSM-7, or too long."""
    found = count_segments(text)
    problems = []
    if not text.strip():
        problems.append(Problem(rule="empty", sentence="The text is empty."))
    if found.outside:
        shown = ", ".join(f"{char!r} (U+{ord(char):04X})" for char in found.outside)
        problems.append(Problem(rule="not-gsm7", sentence=f"Outside the SMS alphabet: {shown}."))
    if found.parts > most_parts:
        sentence = f"Takes {found.parts} segments ({found.units} units); {most_parts} allowed."
        problems.append(Problem(rule="too-long", sentence=sentence))
    return problems


def _in_gsm(char: str) -> bool:
    return char in GSM_BASIC or char in GSM_EXTENSION


def _without_accent(char: str) -> str:
    base = "".join(
        part for part in unicodedata.normalize("NFD", char) if unicodedata.category(part) != "Mn"
    )
    return base if base and all(_in_gsm(part) for part in base) else char


def _segments(
    encoding: Encoding,
    widths: list[int],
    *,
    alone: int,
    chained: int,
    outside: tuple[str, ...] = (),
) -> Segments:
    units = sum(widths)
    parts = min(units, 1) if units <= alone else _parts(widths, room=chained)
    return Segments(encoding=encoding, units=units, parts=parts, outside=outside)


def _parts(widths: Iterable[int], *, room: int) -> int:
    """Fill segments in order; a character of two units is never split over two of them."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
