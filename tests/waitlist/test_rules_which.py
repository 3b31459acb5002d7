"""Two offers on one phone, told apart without saying more than it takes."""

from __future__ import annotations

import pytest

from outreach.texts import FIELDS
from waitlist.rules.which import LONGEST_NAME, Choice, say_two

EARLY, LATE = "Tue Dec 1, 9:40 AM", "Fri Dec 4, 8:00 AM"


def one(name: str, *, patient: int = 1, time: str = EARLY, is_private: bool = False) -> Choice:
    return Choice(patient_id=patient, time=time, name=name, is_private=is_private)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        # Two people: initials; first names where those are the same.
        (one("Mateo"), one("Lucia", patient=2), (f"{EARLY} (M.)", f"{EARLY} (L.)")),
        (one("Mateo"), one("Maria", patient=2), (f"{EARLY} (Mateo)", f"{EARLY} (Maria)")),
        (one("Íñigo"), one("Zoë", patient=2), (f"{EARLY} (I.)", f"{EARLY} (Z.)")),
        # One person: the times.
        (one("Mateo"), one("Mateo", time=LATE), (EARLY, LATE)),
        # A label, a name that cannot be said, or twins of one name: the times, if they differ.
        (one("Mateo"), one("Lucia", patient=2, time=LATE, is_private=True), (EARLY, LATE)),
        (one("Mateo"), one("", patient=2, time=LATE), (EARLY, LATE)),
        (one("Mateo"), one("小明", patient=2, time=LATE), (EARLY, LATE)),
        (one("Maria"), one("maria", patient=2, time=LATE), (EARLY, LATE)),
        (one("Maximilianus"), one("Mo", patient=2, time=LATE), (EARLY, LATE)),
        # Nothing that may be said differs.
        (one("Mateo"), one("Lucia", patient=2, is_private=True), None),
        (one("Maria"), one("maria", patient=2), None),
        (one("Mateo"), one("Mateo"), None),
    ],
)
def test_says_as_little_as_tells_them_apart(
    first: Choice, second: Choice, said: tuple[str, str] | None
) -> None:
    assert say_two(first, second) == said


def test_nothing_is_longer_than_the_texts_reckon_with() -> None:
    longest_time = FIELDS["time"].longest
    name = "M" * (LONGEST_NAME - 1)
    said = say_two(
        one(f"{name}a", time=longest_time), one(f"{name}b", patient=2, time=longest_time)
    )
    assert said is not None
    assert max(map(len, said)) <= len(FIELDS["first"].longest) == len(FIELDS["second"].longest)
