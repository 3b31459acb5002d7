"""The time ribbon: every moment of a contact in exactly one piece."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from desk.rules.anatomy import TALK, Piece, Spent, moments, ribbon, sum_up
from tests.factories import NOW


def at(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def lasting(kind: str, spent: Spent, begins: float, ends: float) -> Piece:
    return Piece(kind, spent, at(begins), at(ends))


def moment(kind: str, seconds: float) -> Piece:
    return Piece(kind, Spent.AGENT, at(seconds))


def drawn(pieces: list[Piece], *, until: float) -> list[tuple[str, float]]:
    return [(one.kind, one.seconds) for one in ribbon(pieces, start=NOW, end=at(until))]


class TestRibbon:
    def test_calls_talk_what_nobody_wrote_down_and_says_what_it_led_to(self) -> None:
        found = ribbon([moment("verify", 20), moment("book", 90)], start=NOW, end=at(120))
        assert [(one.kind, one.seconds, one.leads_to) for one in found] == [
            (TALK, 20, "verify"),
            (TALK, 70, "book"),
            (TALK, 30, ""),
        ]
        assert sum_up(found) == {Spent.TALKING: 120}

    def test_talk_leads_to_what_begins_at_its_end_too(self) -> None:
        found = ribbon([lasting("search", Spent.EHR, 20, 30)], start=NOW, end=at(40))
        assert [one.leads_to for one in found] == ["search", "", ""]

    def test_gives_time_that_two_pieces_claim_to_the_one_that_began_last(self) -> None:
        hold = lasting("call-hold", Spent.COLLEAGUE, 10, 60)
        search = lasting("search", Spent.EHR, 20, 30)
        assert drawn([search, hold], until=60) == [
            (TALK, 10),
            ("call-hold", 10),
            ("search", 10),
            ("call-hold", 30),
        ]

    def test_of_two_that_began_together_the_shorter_comes_first(self) -> None:
        long, short = lasting("hold", Spent.CALLER, 0, 30), lasting("ring", Spent.QUEUE, 0, 10)
        assert drawn([long, short], until=30) == [("ring", 10), ("hold", 20)]

    def test_a_moment_does_not_cut_what_lasts(self) -> None:
        hold = lasting("call-hold", Spent.CALLER, 0, 40)
        assert drawn([hold, moment("look", 15)], until=40) == [("call-hold", 40)]

    def test_cuts_off_what_lies_outside(self) -> None:
        early = lasting("queue", Spent.QUEUE, -50, 10)
        late = lasting("wrap-up", Spent.AGENT, 90, 400)
        before, after = lasting("ring", Spent.QUEUE, -9, 0), moment("tell", 500)
        assert drawn([early, late, before, after], until=100) == [
            ("queue", 10),
            (TALK, 80),
            ("wrap-up", 10),
        ]

    def test_is_empty_for_a_contact_without_time(self) -> None:
        assert ribbon([moment("ring", 0)], start=NOW, end=NOW) == ()
        assert ribbon([], start=at(5), end=NOW) == ()

    def test_a_piece_that_ends_as_it_begins_is_a_moment(self) -> None:
        nothing = lasting("look", Spent.SYSTEM, 30, 30)
        assert drawn([nothing], until=60) == [(TALK, 30), (TALK, 30)]
        assert moments([moment("book", 40), nothing]) == (nothing, moment("book", 40))


PIECES = st.lists(
    st.builds(
        lambda kind, spent, begins, length: Piece(
            kind, spent, at(begins), at(begins + length) if length is not None else None
        ),
        st.sampled_from(("search", "call-hold", "book")),
        st.sampled_from(list(Spent)),
        st.integers(-30, 130),
        st.none() | st.integers(-5, 90),
    ),
    max_size=12,
)


@given(PIECES)
def test_has_no_gap_and_no_overlap_and_all_of_the_time(pieces: list[Piece]) -> None:
    found = ribbon(pieces, start=NOW, end=at(100))
    assert found[0].starts_at == NOW
    assert found[-1].ends_at == at(100)
    assert all(left.ends_at == right.starts_at for left, right in pairwise(found))
    assert all(one.seconds > 0 for one in found)
    assert sum(sum_up(found).values()) == 100


@given(PIECES)
def test_does_not_depend_on_the_order_in_which_steps_were_read(pieces: list[Piece]) -> None:
    def shape(of: list[Piece]) -> list[tuple[dt.datetime, dt.datetime | None]]:
        return [
            (p.starts_at, p.ends_at) for p in ribbon(of, start=NOW, end=at(100)) if p.kind == TALK
        ]

    assert shape(pieces) == shape(pieces[::-1])
