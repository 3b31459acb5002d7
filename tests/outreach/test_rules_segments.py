"""Segments as the carriers count them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.segments import (
    GSM_BASIC,
    GSM_EXTENSION,
    Encoding,
    count_segments,
    lint,
    to_gsm7,
)

gsm_texts = st.text(alphabet=sorted(GSM_BASIC | GSM_EXTENSION), max_size=700)


def test_the_alphabet_has_the_127_characters_and_the_escape_leaves_room() -> None:
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


@pytest.mark.fault(24)
@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", Encoding.GSM7, 0, 0),
        ("a", Encoding.GSM7, 1, 1),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€", Encoding.GSM7, 2, 1),
        ("a" * 158 + "€", Encoding.GSM7, 160, 1),
        ("a" * 159 + "€", Encoding.GSM7, 161, 2),
        # The escape may not part from its character: 152 + [ 2 ] leaves one septet empty.
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 306, 3),
        ("ñ¿¡éü" * 32, Encoding.GSM7, 160, 1),
        ("á", Encoding.UCS2, 1, 1),
        ("á" * 70, Encoding.UCS2, 70, 1),
        ("á" * 71, Encoding.UCS2, 71, 2),
        ("á" * 134, Encoding.UCS2, 134, 2),
        ("á" * 135, Encoding.UCS2, 135, 3),
        ("👍" * 35, Encoding.UCS2, 70, 1),
        # Surrogates stay together: 66 + [ 2 ] leaves one unit empty.
        ("á" * 66 + "👍" + "á" * 66, Encoding.UCS2, 134, 3),
        ("ç", Encoding.UCS2, 1, 1),
        ("Ç", Encoding.GSM7, 1, 1),
    ],
)
def test_counts_segments(text: str, encoding: Encoding, units: int, parts: int) -> None:
    found = count_segments(text)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)


@given(text=st.text(max_size=700))
def test_segments_hold_all_units_and_no_segment_is_spare(text: str) -> None:
    found = count_segments(text)
    alone, chained = (160, 153) if found.encoding == Encoding.GSM7 else (70, 67)
    if found.units <= alone:
        assert found.parts == min(found.units, 1)
    else:
        # At most one unit of each segment is lost to keeping a pair together.
        assert found.parts * (chained - 1) - (chained - 1) < found.units <= found.parts * chained


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("It\u2019s “open” \u2013 today…", 'It\'s "open" - today...'),
        ("a\u00a0b\u202fc\td", "a b c d"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        (
            "mié 23 sep, sábado, día, más, único",
            "mie 23 sep, sabado, dia, mas, unico".replace("mie", "mié"),
        ),
        ("¿Mañana? ¡Sí! pingüino, Ñ, É", "¿Mañana? ¡Si! pingüino, Ñ, É"),
        ("Dvořák Łukasz Ağa", "Dvorak Łukasz Aga"),
        ("e\u0301", "é"),
        ("a\u0301", "a"),
        ("10² ½ 👍 是", "10² ½ 👍 是"),
    ],
)
def test_replaces_only_what_has_a_plain_twin(typed: str, sent: str) -> None:
    assert to_gsm7(typed) == sent


@given(text=gsm_texts)
def test_leaves_the_alphabet_alone(text: str) -> None:
    assert to_gsm7(text) == text
    assert count_segments(text).encoding == Encoding.GSM7


@given(text=st.text())
def test_is_done_after_once(text: str) -> None:
    assert to_gsm7(to_gsm7(text)) == to_gsm7(text)


@given(text=st.text(alphabet="abc áéíóúüñ ÁÉÍÓÚÜÑ ¿¡?!,.", max_size=300))
def test_spanish_always_fits_the_alphabet_letter_for_letter(text: str) -> None:
    sent = to_gsm7(text)
    assert count_segments(sent).encoding == Encoding.GSM7
    assert len(sent) == len(unicodedata.normalize("NFC", text))


def test_lint_names_each_fault() -> None:
    assert lint("All is well.") == []
    assert [problem.rule for problem in lint("  ")] == ["empty"]
    assert [problem.rule for problem in lint("hasta mañana á")] == ["not-gsm7"]
    assert "'á' (U+00E1)" in lint("á")[0].sentence
    assert [problem.rule for problem in lint("a" * 161)] == ["too-long"]
    assert [problem.rule for problem in lint("á" * 71)] == ["not-gsm7", "too-long"]
    assert lint("a" * 161, most_parts=2) == []
