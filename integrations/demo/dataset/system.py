"""Sonora Health itself: its sites, what is done there, and by whom.

Why one site is in Abu Dhabi: offers go out between 8:00 and 21:00 where the patient is, and the
demo must work at any hour of the day. Two 13-hour windows cover 24 hours only when their zones
lie 11 to 13 hours apart, and no two zones of the United States and its territories do (Guam and
Puerto Rico, the widest usable pair, leave an hour open). Phoenix (UTC-7) and Abu Dhabi (UTC+4)
meet exactly, and neither changes its clock. American health systems do run hospitals there.
"""

from __future__ import annotations

from crm.states import Sex
from integrations.demo.dataset.rows import Clinician, Kind, Site
from scheduling.states import Audience

ORGANIZATION = "Sonora Health"
MRN_SYSTEM = "urn:sonora:mrn"
VISIT_TYPE_SYSTEM = "urn:sonora:visit-type"

FAMILY, HEART, BONES, SKIN = (
    "Family medicine",
    "Cardiology",
    "Orthopedics",
    "Dermatology",
)
SPECIALTIES = (FAMILY, HEART, BONES, SKIN)

#: In HL7 messages, and in identifiers of services: "HEART-PHX" is cardiology in Phoenix.
SPECIALTY_CODES = {FAMILY: "FAMILY", HEART: "HEART", BONES: "BONES", SKIN: "SKIN"}

SITES = (
    Site(
        code="PHX",
        name="Sonora Health Phoenix",
        short_name="Phoenix",
        zone="America/Phoenix",
        phone="+16025550101",
        address_line="1300 N 12th St",
        city="Phoenix",
        state="AZ",
        postal_code="85006",
        country="US",
        latitude=33.4645,
        longitude=-112.0565,
    ),
    Site(
        code="TUS",
        name="Sonora Health Tucson",
        short_name="Tucson",
        zone="America/Phoenix",
        phone="+15205550101",
        address_line="2650 E Grant Rd",
        city="Tucson",
        state="AZ",
        postal_code="85716",
        country="US",
        latitude=32.2506,
        longitude=-110.9325,
    ),
    Site(
        code="AUH",
        name="Sonora Health Abu Dhabi",
        short_name="Abu Dhabi",
        zone="Asia/Dubai",
        phone="+16025550102",
        address_line="Al Raha Boulevard, Building 4",
        city="Abu Dhabi",
        state="",
        postal_code="",
        country="AE",
        latitude=24.4390,
        longitude=54.5800,
    ),
)

_LATEX = "Tell us of a latex allergy. Wear loose clothes."

KINDS = (
    Kind("FM-FU", "Family medicine follow-up", FAMILY, 30),
    Kind("FM-PHYS", "Annual physical", FAMILY, 45, stands_in_for=("FM-FU",)),
    Kind("FM-NEW", "New patient, family medicine", FAMILY, 45, is_for_new_patients=True),
    Kind(
        "FM-MAT", "Medication treatment follow-up", FAMILY, 30, is_sensitive=True, min_age=18
    ),  # 42 CFR Part 2
    Kind("HEART-FU", "Cardiology follow-up", HEART, 30, min_age=18),
    Kind(
        "HEART-NEW",
        "New patient, cardiology",
        HEART,
        45,
        240,
        is_for_new_patients=True,
        min_age=18,
    ),
    Kind(
        "HEART-ECHO",
        "Echocardiogram",
        HEART,
        45,
        needs_room=True,
        min_age=18,
        needs_authorization=True,
        preparation="Nothing to prepare. Bring your list of medicines.",
    ),
    Kind("BONES-FU", "Orthopedics follow-up", BONES, 30),
    Kind("BONES-NEW", "New patient, orthopedics", BONES, 45, 240, is_for_new_patients=True),
    Kind(
        "BONES-INJ",
        "Joint injection",
        BONES,
        30,
        240,
        needs_room=True,
        min_age=18,
        preparation="Ask us three days before how to go on with blood thinners.",
        prep_hours=72,
        prep_send_hours=24,
    ),
    Kind("SKIN-FU", "Dermatology follow-up", SKIN, 30),
    Kind("SKIN-CHECK", "Full skin check", SKIN, 30, stands_in_for=("SKIN-FU",)),
    Kind(
        "SKIN-PROC",
        "Minor skin procedure",
        SKIN,
        45,
        240,
        needs_room=True,
        audience=Audience.ESTABLISHED,
        preparation=_LATEX,
    ),
)

#: One day of a clinic, morning and afternoon, in visit types one after the other.
DAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    FAMILY: (
        ("FM-PHYS", "FM-FU", "FM-FU", "FM-NEW", "FM-FU", "FM-FU"),
        ("FM-FU", "FM-PHYS", "FM-FU", "FM-FU", "FM-FU"),
    ),
    HEART: (
        ("HEART-FU", "HEART-FU", "HEART-NEW", "HEART-FU", "HEART-ECHO"),
        ("HEART-ECHO", "HEART-FU", "HEART-FU", "HEART-FU", "HEART-NEW"),
    ),
    BONES: (
        ("BONES-FU", "BONES-FU", "BONES-FU", "BONES-NEW", "BONES-FU", "BONES-INJ"),
        ("BONES-INJ", "BONES-FU", "BONES-FU", "BONES-NEW", "BONES-INJ"),
    ),
    SKIN: (
        ("SKIN-CHECK", "SKIN-CHECK", "SKIN-FU", "SKIN-FU", "SKIN-PROC", "SKIN-CHECK"),
        ("SKIN-FU", "SKIN-CHECK", "SKIN-PROC", "SKIN-FU", "SKIN-CHECK"),
    ),
}

#: The last visit of a family clinician's Thursday (see `schedule`).
THURSDAY_LAST = "FM-MAT"

_ALL_BUT_FRIDAY = (0, 1, 2, 3)
_ALL_BUT_MONDAY = (1, 2, 3, 4)
_EARLY, _ODD, _LATE = (0, 1, 3), (0, 2, 4), (1, 2, 4)
_EN, _BOTH = ("en",), ("en", "es")

# No NPI: any number that passes the check may belong to somebody.
CLINICIANS = (
    Clinician("P101", "Reyes", "Elena", "MD", Sex.FEMALE, _BOTH, "PHX", FAMILY, _ALL_BUT_FRIDAY),
    Clinician("P102", "Okafor", "Chinwe", "MD", Sex.FEMALE, _EN, "PHX", HEART, _EARLY),
    Clinician("P103", "Delgado", "Marcos", "DO", Sex.MALE, _BOTH, "PHX", BONES, _ODD),
    Clinician("P104", "Lindgren", "Sara", "MD", Sex.FEMALE, _EN, "PHX", SKIN, _LATE),
    Clinician("P201", "Begay", "Thomas", "MD", Sex.MALE, _EN, "TUS", FAMILY, _ALL_BUT_FRIDAY),
    Clinician("P202", "Castellanos", "Irene", "MD", Sex.FEMALE, _BOTH, "TUS", HEART, _LATE),
    Clinician("P203", "Park", "Daniel", "MD", Sex.MALE, _EN, "TUS", BONES, _EARLY),
    Clinician("P301", "Haddad", "Leila", "MD", Sex.FEMALE, _EN, "AUH", FAMILY, _ALL_BUT_FRIDAY),
    Clinician("P302", "Whitfield", "Aaron", "NP", Sex.MALE, _EN, "AUH", FAMILY, _ALL_BUT_MONDAY),
    Clinician("P303", "Brennan", "Kevin", "MD", Sex.MALE, _EN, "AUH", HEART, _ODD),
    Clinician("P304", "Rao", "Anita", "MD", Sex.FEMALE, _EN, "AUH", BONES, _EARLY),
    Clinician("P305", "Moreau", "Claire", "PA", Sex.FEMALE, _EN, "AUH", SKIN, _LATE),
)

SITE = {site.code: site for site in SITES}
KIND = {kind.code: kind for kind in KINDS}
CLINICIAN = {clinician.code: clinician for clinician in CLINICIANS}


def clinic_code(specialty: str, site: str) -> str:
    """The clinic's code in both systems: "HEART-PHX"."""
    return f"{SPECIALTY_CODES[specialty]}-{site}"


def clinics() -> list[tuple[str, Site]]:
    """Each specialty at each site where somebody practices it, in a fixed order."""
    pairs = {(c.specialty, c.site) for c in CLINICIANS}
    return [(s, site) for site in SITES for s in SPECIALTIES if (s, site.code) in pairs]
