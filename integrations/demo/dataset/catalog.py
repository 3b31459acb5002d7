"""What the demo's clinics said of their visit types."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CatalogRow:
    """One visit type: purpose, owner at the clinic, codes as (system, code, note)."""

    kind: str
    purpose: str
    owner: str
    contact: str
    codes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What was asked of a clinic; open without an answer. `days` ago, on a visit or by phone."""

    kind: str
    asked: str
    days: int
    answer: str = ""
    answered_by: str = ""
    site: str = ""  # of the clinic that was visited


CATALOG = (
    CatalogRow(
        "FM-PHYS",
        "The yearly examination of somebody who has no complaint.",
        "Marisol Vega",
        "ext. 4102",
        (
            ("cpt", "99395", "18 to 39 years"),
            ("cpt", "99396", "40 to 64 years"),
            ("benefit", "68", ""),
        ),
    ),
    CatalogRow(
        "FM-FU",
        "A problem that is known, or a new one of somebody who is known here.",
        "Marisol Vega",
        "ext. 4102",
        (("cpt", "99213", ""), ("cpt", "99214", "when it takes longer"), ("benefit", "98", "")),
    ),
    CatalogRow(
        "FM-NEW",
        "The first visit of somebody who was not seen in family medicine for three years.",
        "Marisol Vega",
        "ext. 4102",
        (("cpt", "99203", ""), ("benefit", "98", "")),
    ),
    CatalogRow(
        "BONES-NEW",
        "A bone or joint that nobody in orthopedics has looked at yet.",
        "Denise Okoye",
        "ext. 4310",
        (("cpt", "99203", ""),),
    ),
    CatalogRow(
        "BONES-INJ",
        "An injection into a joint that the orthopedist has ordered.",
        "Denise Okoye",
        "ext. 4310",
        (("cpt", "20610", "large joint"),),
    ),
    CatalogRow(
        "HEART-ECHO",
        "An ultrasound of the heart, with the pictures only; the talk comes at the follow-up.",
        "Paul Sandoval",
        "ext. 4220",
        (("cpt", "93306", ""),),
    ),
)

#: Two that get mixed up, and how to tell.
LOOK_ALIKES = (
    (
        "FM-PHYS",
        "FM-FU",
        "Is anything wrong? Then it is a follow-up, also if a physical is due.",
    ),
    (
        "BONES-INJ",
        "BONES-FU",
        "Without an order for the injection it is a follow-up.",
    ),
    (
        "SKIN-CHECK",
        "SKIN-FU",
        "One spot is a follow-up; the skin check looks at all of it.",
    ),
)

QUESTIONS = (
    QuestionRow(
        "BONES-INJ",
        "May blood thinners be held back by phone, or must the nurse call?",
        12,
        "The nurse calls three days before. The desk says nothing about medicines.",
        "Denise Okoye",
        "PHX",
    ),
    QuestionRow(
        "BONES-INJ",
        "How many on one morning?",
        12,
        "Four, and never two of the same shoulder in a row.",
        "Dr. Delgado",
        "PHX",
    ),
    QuestionRow("BONES-INJ", "May patients from Tucson come to Phoenix for it?", 3),
    QuestionRow(
        "FM-PHYS",
        "Which forms can be filled in at the visit?",
        20,
        "School and sport forms. Forms for work need a visit of their own.",
        "Marisol Vega",
    ),
    QuestionRow("HEART-ECHO", "Does a pacemaker change the length?", 6),
)

#: Clinicians who take turns for new patients: weeks since they started, panel, first week, growth,
#: most, and the mix of visits by kind.
RAMPS: tuple[tuple[str, int, int, int, int, int, dict[str, int]], ...] = (
    ("P101", 160, 900, 8, 1, 40, {"FM-NEW": 3, "FM-PHYS": 1}),
    ("P301", 5, 800, 6, 4, 40, {}),
    ("P302", 60, 700, 4, 1, 36, {"FM-NEW": 1}),
)
