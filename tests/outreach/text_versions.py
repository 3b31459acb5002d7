"""Fingerprints of every version of every text: a changed body needs a new version."""

from __future__ import annotations

from typing import Final

VERSIONS: Final[dict[tuple[str, int], str]] = {
    ("offer", 1): "1b4ba64cf4e6",
    ("offer_no_later_visit", 1): "fe54198d1744",
    ("offer_pending_yours", 1): "7dfdbb9ab0b4",
    ("offer_next_in_line", 1): "f8a185837b0c",
    ("offer_gone", 1): "3407b0c802bd",
    ("offer_gone_other", 1): "95199c076d52",
    ("offer_confirmed", 1): "3c005d034dd8",
    ("offer_confirmed_giving_up", 1): "af416b44d2fa",
    ("offer_confirmed_given_up", 1): "835c1980a9bb",
    ("offer_requested", 1): "c54da2a8d853",
    ("offer_refused", 1): "11d0469826bc",
    ("offer_withdrawn", 1): "f9889907033a",
    ("offer_declined_ack", 1): "43a20d35c3a3",
    ("offer_which", 1): "c548fdc50813",
    ("offer_other_closed", 1): "458e70765d17",
    ("offer_which_two", 1): "b66957d0c2ef",
    ("offer_which_not", 1): "4c1131ccaacb",
    ("offer_check_who", 1): "9209f5e5e9a2",
    ("who_we_are", 1): "39dbde419ac3",
    ("visit_given_up", 1): "901df5c222d6",
    ("give_back_ack", 1): "f5ff57a05c7c",
    ("cancel_visit_ack", 1): "93ad1f5331aa",
    ("unclear_ack", 1): "e5395bca5515",
    ("question_ack", 1): "6a9798b7bd48",
    ("stop_confirm", 1): "fab291792fa8",
    ("start_confirm", 1): "2e001fdf66f4",
    ("help", 1): "eb2b87bb6d5c",
    ("wrong_number_ack", 1): "fdaafacdc016",
    ("safety_911", 1): "a353097b4e7f",
    ("safety_988", 1): "318cade2fe97",
    ("safety_poison", 1): "44fd7cce0132",
    ("safety_person", 1): "459087312f0f",
    ("safety_911_both", 1): "71a9ba49b21e",
    ("safety_988_both", 1): "3a997255fae4",
    ("safety_poison_both", 1): "62011840fb1c",
    ("safety_person_both", 1): "9f119684506c",
}
