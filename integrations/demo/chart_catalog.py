"""What the charts of the demo are made of: tests, drugs and orders of each specialty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from integrations.demo.dataset.system import BONES, FAMILY, HEART, SKIN


@dataclass(frozen=True, slots=True)
class Drug:
    """`days` in one fill, `repeats` beside the first."""

    name: str
    atc: str
    days: int = 90
    repeats: int = 3


@dataclass(frozen=True, slots=True)
class Test:
    """`section` as in v2-0074; a `label` from v3-ActCode marks a sensitive one."""

    name: str
    section: str = "LAB"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A visit that is ordered, due so many days from its order to so many; several make a plan."""

    kind: str
    title: str
    due_from: int
    due_until: int
    visits: int = 1
    plan: str = ""


DRUGS: Final[dict[str, tuple[Drug, ...]]] = {
    FAMILY: (
        Drug("Lisinopril 20 mg tablets", "C09AA03"),
        Drug("Metformin 500 mg tablets", "A10BA02"),
        Drug("Atorvastatin 40 mg tablets", "C10AA05"),
        Drug("Levothyroxine 75 mcg tablets", "H03AA01"),
        Drug("Insulin glargine 100 units/mL pens", "A10AE04", days=28, repeats=5),
        Drug("Lamotrigine 100 mg tablets", "N03AX09", days=30, repeats=5),
        Drug("Zolpidem 5 mg tablets", "N05CF02", days=30, repeats=2),
    ),
    HEART: (
        Drug("Apixaban 5 mg tablets", "B01AF02", days=30, repeats=11),
        Drug("Metoprolol succinate 50 mg tablets", "C07AB02"),
        Drug("Warfarin 5 mg tablets", "B01AA03", days=30, repeats=5),
        Drug("Rosuvastatin 20 mg tablets", "C10AA07"),
    ),
    BONES: (
        Drug("Meloxicam 15 mg tablets", "M01AC06", days=30, repeats=2),
        Drug("Oxycodone 5 mg tablets", "N02AA05", days=7, repeats=0),
        Drug("Alendronate 70 mg tablets", "M05BA04", days=84),
    ),
    SKIN: (
        Drug("Tretinoin 0.05 % cream", "D10AD01", days=45, repeats=2),
        Drug("Doxycycline 100 mg capsules", "J01AA02", days=30, repeats=1),
    ),
}
TESTS: Final[dict[str, tuple[Test, ...]]] = {
    FAMILY: (
        Test("Hemoglobin A1c"),
        Test("Lipid panel"),
        Test("Complete blood count", "HM"),
        Test("Vitamin D"),
        Test("Thyroid panel"),
        Test("Urine culture", "MB"),
        Test("HIV screen", label="HIV"),
    ),
    HEART: (Test("Basic metabolic panel", "CH"), Test("INR", "HM"), Test("Lipid panel")),
    BONES: (Test("X-ray, knee", "RAD"), Test("C-reactive protein"), Test("MRI, shoulder", "RAD")),
    SKIN: (Test("Skin biopsy", "PAT"), Test("Liver panel", "CH")),
}
ORDERS: Final[dict[str, tuple[Order, ...]]] = {
    FAMILY: (
        Order("FM-FU", "Blood pressure follow-up", 60, 100),
        Order("FM-PHYS", "Annual physical", 300, 400),
        Order("FM-FU", "Diabetes visits", 30, 330, visits=4, plan="Diabetes, first year"),
    ),
    HEART: (
        Order("HEART-ECHO", "Echocardiogram before the next visit", 14, 60),
        Order("HEART-FU", "Cardiology follow-up", 80, 120),
    ),
    BONES: (
        Order("BONES-INJ", "Knee injections", 7, 90, visits=3, plan="Knee, before surgery"),
        Order("BONES-FU", "Follow-up after injection", 28, 56),
    ),
    SKIN: (
        Order("SKIN-CHECK", "Full skin check", 330, 395),
        Order("SKIN-FU", "Wound check", 10, 30),
    ),
}
#: How the tests of the demo stand: status, days since they were collected, reviewed, released,
#: and what the clinician left word of.
STANDS: Final = (
    ("registered", 1, False, False, ""),
    ("preliminary", 3, False, False, ""),
    ("registered", 12, False, False, ""),  # longer than it should take
    ("final", 4, False, False, ""),
    ("final", 5, False, True, ""),
    ("final", 9, True, True, "no-action"),
    ("final", 20, True, True, "no-action"),
    ("corrected", 30, True, True, ""),
    ("final", 8, True, False, "no-action"),
    ("final", 6, True, True, "talk"),
    ("cancelled", 15, False, False, ""),
)
#: What somebody usually comes for who is known there.
USUAL: Final = {FAMILY: "FM-FU", HEART: "HEART-FU", BONES: "BONES-FU", SKIN: "SKIN-FU"}
PHARMACIES: Final = (
    "Camelback Pharmacy, 2200 E Camelback Rd",
    "Desert Rx, 16th St",
    "Grant Road Pharmacy, Tucson",
)
