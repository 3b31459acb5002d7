"""Where in the United States somebody is, and who may treat them there by video or phone. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: USPS abbreviations (Publication 28, Appendix B): states, the District and the territories.
STATES: Final[dict[str, str]] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "PR": "Puerto Rico",
    "GU": "Guam",
    "VI": "Virgin Islands",
    "AS": "American Samoa",
    "MP": "Northern Mariana Islands",
}
_BY_NAME: Final = {name.lower(): code for code, name in STATES.items()}


@dataclass(frozen=True, slots=True)
class License:
    """Days are included; no last day is open-ended."""

    state: str
    valid_from: dt.date
    valid_until: dt.date | None


def state_code(said: str) -> str:
    """ "AZ" of "az", "Arizona" or "AZ "; empty for what is no state."""
    word = " ".join(said.split())
    if word.upper() in STATES:
        return word.upper()
    return _BY_NAME.get(word.lower(), "")


def name_state(code: str) -> str:
    """ "Arizona" of "AZ"."""
    return STATES.get(code, code)


def licensed_on(licenses: Iterable[License], day: dt.date) -> frozenset[str]:
    """States in which these licenses hold on a day."""
    return frozenset(
        one.state
        for one in licenses
        if one.valid_from <= day and (one.valid_until is None or day <= one.valid_until)
    )
