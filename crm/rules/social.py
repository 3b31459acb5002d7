"""Which needs the answers to the AHC screening tool show. Pure: answers in, needs out.

The tool is the Accountable Health Communities (AHC) Health-Related Social Needs Screening Tool of
the Centers for Medicare & Medicaid Services, its ten core questions, as revised in 2018 (CMS, "The
AHC Health-Related Social Needs Screening Tool", innovation.cms.gov/files/worksheets/
ahcm-screeningtool.pdf; "A Guide to Using the AHC HRSN Screening Tool", June 2021). Words and
scoring stand as published and must not be changed. Questions 7 to 10 are HITS (Sherin et al.,
Family Medicine 1998;30:508-12).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm.states.social import SocialNeed

TOOL: Final = "AHC HRSN core, 2018"
#: An answer that every question takes.
DECLINED: Final = "declined"
#: From this sum of questions 7 to 10 on "the person might not be safe" (the tool, after question
#: 10: "A score of 11 or more").
UNSAFE_FROM: Final = 11
#: Whole years until the questions are due again.
YEARS_BETWEEN: Final = 1

#: A queue that needs this skill is a team that finds help; whoever has its skills belongs to it.
TEAM_SKILL: Final = "social"

#: Codes by question; several for the one question that takes several.
Answers = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer. `shows_need`: it is one of those that the tool marks."""

    code: str
    words: str
    shows_need: bool = False
    points: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """`before` is read out ahead of it; `many`: all that apply, save the last, which is none."""

    key: str
    number: int
    need: SocialNeed
    words: str
    options: tuple[Option, ...]
    before: str = ""
    many: bool = False

    def option(self, code: str) -> Option | None:
        return next((each for each in self.options if each.code == code), None)


_TRUE = (
    Option("often", "Often true", shows_need=True),
    Option("sometimes", "Sometimes true", shows_need=True),
    Option("never", "Never true"),
)
_HOW_OFTEN = (
    Option("never", "Never", points=1),
    Option("rarely", "Rarely", points=2),
    Option("sometimes", "Sometimes", points=3),
    Option("fairly-often", "Fairly often", points=4),
    Option("frequently", "Frequently", points=5),
)

QUESTIONS: Final = (
    Question(
        "living",
        1,
        SocialNeed.LIVING,
        "What is your living situation today?",
        (
            Option("steady", "I have a steady place to live"),
            Option(
                "worried",
                "I have a place to live today, but I am worried about losing it in the future",
                shows_need=True,
            ),
            Option(
                "none",
                "I do not have a steady place to live (I am temporarily staying with others, in a "
                "hotel, in a shelter, living outside on the street, on a beach, in a car, "
                "abandoned building, bus or train station, or in a park)",
                shows_need=True,
            ),
        ),
    ),
    Question(
        "place",
        2,
        SocialNeed.LIVING,
        "Think about the place you live. Do you have problems with any of the following?",
        (
            Option("pests", "Pests such as bugs, ants, or mice", shows_need=True),
            Option("mold", "Mold", shows_need=True),
            Option("lead", "Lead paint or pipes", shows_need=True),
            Option("heat", "Lack of heat", shows_need=True),
            Option("stove", "Oven or stove not working", shows_need=True),
            Option("smoke", "Smoke detectors missing or not working", shows_need=True),
            Option("leaks", "Water leaks", shows_need=True),
            Option("none", "None of the above"),
        ),
        many=True,
    ),
    Question(
        "food-worried",
        3,
        SocialNeed.FOOD,
        "Within the past 12 months, you worried that your food would run out before you got money "
        "to buy more.",
        _TRUE,
        before="Some people have made the following statements about their food situation. Please "
        "answer whether the statements were OFTEN, SOMETIMES, or NEVER true for you and your "
        "household in the last 12 months.",
    ),
    Question(
        "food-last",
        4,
        SocialNeed.FOOD,
        "Within the past 12 months, the food you bought just didn't last and you didn't have money "
        "to get more.",
        _TRUE,
    ),
    Question(
        "transport",
        5,
        SocialNeed.TRANSPORT,
        "In the past 12 months, has lack of reliable transportation kept you from medical "
        "appointments, meetings, work or from getting things needed for daily living?",
        (Option("yes", "Yes", shows_need=True), Option("no", "No")),
    ),
    Question(
        "utilities",
        6,
        SocialNeed.UTILITIES,
        "In the past 12 months has the electric, gas, oil, or water company threatened to shut off "
        "services in your home?",
        (
            Option("yes", "Yes", shows_need=True),
            Option("no", "No"),
            Option("off", "Already shut off", shows_need=True),
        ),
    ),
    Question(
        "hurt",
        7,
        SocialNeed.SAFETY,
        "How often does anyone, including family and friends, physically hurt you?",
        _HOW_OFTEN,
        before="Because violence and abuse happens to a lot of people and affects their health we "
        "are asking the following questions.",
    ),
    Question(
        "insult",
        8,
        SocialNeed.SAFETY,
        "How often does anyone, including family and friends, insult or talk down to you?",
        _HOW_OFTEN,
    ),
    Question(
        "threaten",
        9,
        SocialNeed.SAFETY,
        "How often does anyone, including family and friends, threaten you with harm?",
        _HOW_OFTEN,
    ),
    Question(
        "scream",
        10,
        SocialNeed.SAFETY,
        "How often does anyone, including family and friends, scream or curse at you?",
        _HOW_OFTEN,
    ),
)
BY_KEY: Final[Mapping[str, Question]] = {question.key: question for question in QUESTIONS}
SAFETY: Final = frozenset(each.key for each in QUESTIONS if each.need is SocialNeed.SAFETY)


@dataclass(frozen=True, slots=True)
class Found:
    """What the answers show, in the tool's order.

    `safety_score` is the sum of questions 7 to 10, from 4 to 20; None where one of them has no
    answer, unless those that have one reach `UNSAFE_FROM` already.
    """

    needs: tuple[SocialNeed, ...]
    safety_score: int | None


class NoSuchAnswer(ValueError):
    """A question or an answer that the tool does not have."""


def find_needs(answers: Answers) -> Found:
    """The needs that `answers` show; questions declined or not asked show none.

    :raises NoSuchAnswer:
    """
    check_answers(answers)
    chosen = {key: [_option(key, code) for code in codes] for key, codes in answers.items()}
    needs = {
        BY_KEY[key].need
        for key, options in chosen.items()
        if any(each is not None and each.shows_need for each in options)
    }
    score = _score(chosen)
    if score is not None and score >= UNSAFE_FROM:
        needs.add(SocialNeed.SAFETY)
    return Found(tuple(need for need in SocialNeed if need in needs), score)


def check_answers(answers: Answers) -> None:
    """:raises NoSuchAnswer: with a sentence for whoever fills the form in."""
    for key, codes in answers.items():
        question = BY_KEY.get(key)
        if question is None:
            raise NoSuchAnswer(f"The tool has no question {key!r}.")
        for code in codes:
            _option(key, code)
        alone = {DECLINED, question.options[-1].code} if question.many else set(codes)
        if not codes or (len(codes) > 1 and (not question.many or alone & set(codes))):
            raise NoSuchAnswer(f"Question {question.number}: these answers do not go together.")


def _option(key: str, code: str) -> Option | None:
    """None for an answer that was declined."""
    if code == DECLINED:
        return None
    option = BY_KEY[key].option(code)
    if option is None:
        raise NoSuchAnswer(f"Question {BY_KEY[key].number} has no such answer.")
    return option


def _score(chosen: Mapping[str, Sequence[Option | None]]) -> int | None:
    points = [each.points for key in SAFETY for each in chosen.get(key, ()) if each is not None]
    total = sum(points)
    return total if len(points) == len(SAFETY) or total >= UNSAFE_FROM else None


def due_again_on(asked_on: dt.date) -> dt.date:
    """The day from which the questions may be asked again unasked for: a year later.

    Of 29 February it is 1 March, as with birthdays.
    """
    day = (
        asked_on.replace(day=1, month=3) if (asked_on.month, asked_on.day) == (2, 29) else asked_on
    )
    return day.replace(year=asked_on.year + YEARS_BETWEEN)


def is_due(asked_on: dt.date | None, *, on: dt.date) -> bool:
    """Whether we may ask by ourselves."""
    return asked_on is None or on >= due_again_on(asked_on)


def may_ask_about_safety(*, speaks_for_themselves: bool, companion_interprets: bool) -> bool:
    """Questions 7 to 10 are for the patient alone: whoever listens may be the one they fear.

    The same as with somebody in the room: a proxy is not asked, nor through a companion (CMS's
    guide, "ensure privacy").
    """
    return speaks_for_themselves and not companion_interprets
