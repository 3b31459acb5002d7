"""Finding a patient by what a caller says: a name, a birth date, a phone, a record number.

In one box and in any mix, misspelt or half typed. A birth date, a phone or a record number narrows
to a handful, whose names are then compared. Where only a name was said, its words are looked up
whole, then as beginnings, and only where that finds too little are words looked for that sound or
look like them: among the words of all names (`NameWord`), a hundredth of the people, and never
among the people themselves (docs/patients.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import JaroWinkler

from crm import clock
from crm.models import Patient
from crm.models.people import TRAINING_SYSTEM
from crm.queries import finding_sql as sql
from crm.rules.finding import LOOSE_NAME, MAY_LACK_ONE, Fit, Known, fit, near_births
from crm.rules.finding_words import Said, read_search
from crm.rules.names import called_too

#: So many are shown; whoever finds more says more.
SHOWN = 10
#: So many of the words that are alike stand in for one that was said.
_STAND_INS = 30
#: How alike a word is that begins with what was said: as much as one with a slip in it.
_BEGUN = 0.92
_BOTH_NAMES = ("family_name", "given_name")
#: From so many characters on a record number may be half typed.
_RECORD_BEGINS = 4


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """Somebody who fits. `why` says by what: "Birth date and a similar name".

    `under` is the name of a record that was merged into theirs, where that is what fitted.
    """

    patient: Patient
    why: str
    is_exact: bool
    score: float
    under: str = ""


@dataclass(frozen=True, slots=True)
class _Hit:
    """The best record of one person."""

    patient_id: int
    fit: Fit
    name: tuple[str, str]

    @property
    def order(self) -> tuple[float, str, str, int]:
        given, family = self.name
        return -self.fit.score, family.casefold(), given.casefold(), self.patient_id


_Rows = Iterable[tuple[Any, ...]]
_Arm = Callable[[Said], _Rows]


def search_patients(text: str, *, limit: int = SHOWN) -> tuple[FoundPatient, ...]:
    """Up to `limit` patients who fit everything that was said, best first; none for nothing said.

    Read only, by at most five statements. Somebody whose record was merged away is found under
    the one that stands; made-up patients, whom staff practise on, are not found.
    """
    said = read_search(text)
    hits = _search(said, limit)
    if not hits and said.otherwise is not None:
        hits = _search(said.otherwise, limit)
    best = sorted(hits.values(), key=lambda hit: hit.order)[:limit]
    real = Patient.objects.exclude(identifiers__system=TRAINING_SYSTEM)
    people = real.in_bulk([hit.patient_id for hit in best]) if best else {}
    return tuple(_found(people[hit.patient_id], hit) for hit in best if hit.patient_id in people)


def find_patients(text: str) -> tuple[Patient, ...]:
    """Up to ten patients who fit everything that was said, best first; none for nothing said."""
    return tuple(found.patient for found in search_patients(text))


def _search(said: Said, limit: int) -> dict[int, _Hit]:
    """One arm after the other, until enough is found."""
    found: dict[int, _Hit] = {}
    if not said.is_enough:
        return found
    for arm in _arms(said):
        for hit in _judge(said, arm(said)):
            known = found.get(hit.patient_id)
            if known is None or hit.fit.score > known.fit.score:
                found[hit.patient_id] = hit
        if _is_enough(found, said, limit):
            break
    return found


def _is_enough(found: Mapping[int, _Hit], said: Said, limit: int) -> bool:
    """One who fits where much was said; else a page full, since a name may be misspelt."""
    if not _is_name_alone(said):
        return bool(found)
    tells_much = said.tells_part_of_birth or len(said.words) >= MAY_LACK_ONE
    is_there = tells_much and any(hit.fit.is_exact for hit in found.values())
    return is_there or len(found) >= limit


def _arms(said: Said) -> Iterator[_Arm]:
    if said.numbers or said.birth_on:
        yield _by_anchors
    if not said.words or said.numbers:
        return  # a number that is nobody's is not made good by a name
    yield _by_whole_words
    if len(said.words) <= 2 and not said.tells_birth:
        yield _by_beginnings
    yield _by_likeness


def _is_name_alone(said: Said) -> bool:
    return not (said.numbers or said.birth_on)


def _judge(said: Said, rows: _Rows) -> Iterator[_Hit]:
    for patient_id, given, family, birth_on, how in rows:
        led = [one.split(" ", 1) for one in how or ()]
        known = Known(
            given=given,
            family=family,
            birth_on=birth_on,
            phones=[token for kind, token in led if kind == "phone"],
            ended=[token for kind, token in led if kind == "ended"],
            records=[token for kind, token in led if kind == "record"],
        )
        fits = fit(said, known)
        if fits is not None:
            yield _Hit(patient_id, fits, (given, family))


def _found(patient: Patient, hit: _Hit) -> FoundPatient:
    is_own = hit.name == (patient.given_name, patient.family_name)
    return FoundPatient(
        patient=patient,
        why=hit.fit.why,
        is_exact=hit.fit.is_exact,
        score=hit.fit.score,
        under="" if is_own else " ".join(filter(None, hit.name)),
    )


def _by_anchors(said: Said) -> _Rows:
    arms = [sql.BORN] if said.birth_on else []
    facts: dict[str, Any] = {"birth_on": said.birth_on, "today": clock.now().date()}
    for n, number in enumerate(said.numbers):
        facts[f"token{n}"] = number.token
        if number.phone:
            is_whole = number.phone.startswith("+")
            which = (sql.WHOLE_NUMBER if is_whole else sql.NUMBER_ENDS).format(n=n)
            facts[f"phone{n}"] = number.phone if is_whole else f"{number.phone[::-1]}%"
            arms.append(sql.PHONE.format(n=n, which=which))
        if key := number.token.upper().lstrip("0"):
            facts[f"key{n}"] = f"{key}%" if len(key) >= _RECORD_BEGINS else key
            arms.append(sql.RECORD.format(n=n))
    return sql.read(sql.ANCHORS.format(arms=" UNION ALL ".join(arms)), **facts) if arms else ()


def _by_whole_words(said: Said) -> _Rows:
    return _by_query(said, " & ".join(_quoted(word) for word in said.words))


def _by_beginnings(said: Said) -> _Rows:
    """One word begins a family name or a first name; of two one does the one, one the other."""
    facts: dict[str, Any] = {}
    for n, word in enumerate(said.words):
        facts |= {f"low{n}": word, f"high{n}": word[:-1] + chr(ord(word[-1]) + 1)}
    ways = (_BOTH_NAMES, _BOTH_NAMES[::-1])
    arms = [
        sql.BEGINNINGS.format(
            begin=" AND ".join(
                sql.BEGINS.format(name=name, n=n)
                for n, name in zip(range(len(said.words)), names, strict=False)
            ),
            order=sql.IN_ORDER.format(name=names[0]) if len(said.words) == 1 else "",
        )
        for names in ways
    ]
    return sql.read(" UNION ALL ".join(arms), **facts)


def _by_likeness(said: Said) -> _Rows:
    alike = _alike(said.words)
    telling = [word for word in said.words if len(word) > 1] or list(said.words)
    any_of = {word: f"({' | '.join(map(_quoted, alike[word]))})" for word in telling}
    wholes = [telling]
    if len(telling) >= MAY_LACK_ONE:
        wholes = [[w for w in telling if w != lacking] for lacking in telling]
    ways = (" & ".join(any_of[word] for word in words) for words in wholes)
    return _by_query(said, " | ".join(f"({way})" for way in ways))


def _by_query(said: Said, query: str) -> _Rows:
    birth, facts = _born(said)
    return sql.read(sql.NAMES.format(birth=birth), query=query, **facts)


def _born(said: Said) -> tuple[str, dict[str, Any]]:
    """What was said of the birth date, as a condition and its facts."""
    if said.birth_on:
        return sql.BORN_ON, {"births": [said.birth_on, *near_births(said.birth_on)]}
    if said.year is not None:
        since = dt.date(said.year, said.month or 1, 1)
        last = dt.date(said.year, said.month or 12, 28) + dt.timedelta(days=4)
        return sql.BORN_IN, {"since": since, "until": last.replace(day=1)}
    if said.month is not None:
        return sql.BORN_EACH, {"month": said.month, "day": said.day}
    return "", {}


def _alike(words: Collection[str]) -> Mapping[str, list[str]]:
    """Each said word with those that may be meant by it, the likest first."""
    found: dict[str, dict[str, float]] = {word: {word: 1.0} for word in words}
    for word in words:
        found[word] |= dict.fromkeys(called_too(word), 0.99)
    for word, other in sql.read(sql.ALIKE, words=list(words)):
        begins = _BEGUN if other.startswith(word) else 0.0
        similarity = max(begins, JaroWinkler.similarity(word, other))
        if similarity >= LOOSE_NAME:
            found[word].setdefault(other, similarity)
    return {
        word: sorted(others, key=lambda other: -others[other])[:_STAND_INS]
        for word, others in found.items()
    }


def _quoted(word: str) -> str:
    """A lexeme of a tsquery; folded words hold letters alone, so nothing needs escaping."""
    return f"'{word}'"
