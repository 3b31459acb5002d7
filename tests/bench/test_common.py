"""The figures that the table is made of."""

from __future__ import annotations

import pytest

from bench.common import Report, Row, Spread, compare, quantile, say, table
from bench.page import BEGIN, END, PAGE


def test_a_quantile_is_the_least_value_that_the_share_does_not_exceed() -> None:
    hundred = [float(n) for n in range(1, 101)]
    assert (quantile(hundred, 0.5), quantile(hundred, 0.99), quantile(hundred, 1)) == (50, 99, 100)
    assert quantile([7.0], 0.5) == 7


def test_a_spread_is_told_in_milliseconds_and_needs_something() -> None:
    spread = Spread.of([0.003, 0.001, 0.002])
    assert (spread.count, spread.p50, spread.most) == (3, 2.0, 3.0)
    with pytest.raises(ValueError, match="Nothing"):
        Spread.of([])


@pytest.mark.parametrize(("ms", "said"), [(0.4213, "0.42 ms"), (4.21, "4.2 ms"), (421.3, "421 ms")])
def test_milliseconds_have_two_figures_or_more(ms: float, said: str) -> None:
    assert say(ms) == said


@pytest.mark.parametrize(("measured", "met"), [(49.9, True), (50.0, True), (50.1, False)])
def test_an_aim_is_met_at_its_bound_and_missed_beyond(measured: float, met: bool) -> None:
    row = compare("fill", "at once", measured, 10.0, most=5, name="p50")
    assert row.met is met
    assert row.ratio == measured / 10


def test_a_report_comes_back_from_its_json_as_it_was() -> None:
    made = Report("fill", 10, rows=[Row("a", "b", "c", ratio=1.5, met=False)], failures=["lost"])
    assert Report.from_json(made.to_json()) == made


def test_a_row_without_floor_or_aim_leaves_those_cells_empty() -> None:
    assert table([Row("memory", "after", "9 MB")]).endswith("| memory | after | 9 MB |  |  |  |  |")


def test_the_page_has_the_marks_between_which_the_table_is_written() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)
