"""A small tree that the tests of trees share."""

from __future__ import annotations

from typing import Any

#: Who calls for a knee: a child is handed to the nurse, anybody else is asked about an injury.
KNEE: dict[str, Any] = {
    "start": "q1",
    "nodes": {
        "q1": {
            "kind": "question",
            "text": "How old is the patient?",
            "help": "",
            "fact": "age",
            "answers": [
                {"key": "a1", "text": "A child", "to": "o1", "when": {"from": None, "below": 18}},
                {"key": "a2", "text": "An adult", "to": "q2", "when": {"from": 18, "below": None}},
            ],
        },
        "q2": {
            "kind": "question",
            "text": "Did it begin with an injury?",
            "help": "A fall, a twist, a blow.",
            "fact": "",
            "answers": [
                {"key": "a1", "text": "Yes", "to": "o2"},
                {"key": "a2", "text": "No", "to": "q3"},
            ],
        },
        "q3": {
            "kind": "question",
            "text": "Seen here in three years?",
            "help": "",
            "fact": "patient",
            "answers": [
                {"key": "a1", "text": "Yes", "to": "o3", "when": {"is": ["established"]}},
                {"key": "a2", "text": "No", "to": "o2"},
            ],
        },
        "o1": {"kind": "hand-over", "to": "nurse", "queue": ""},
        "o2": {
            "kind": "visit",
            "visit_type": "BONES-NEW",
            "modality": "in-person",
            "urgency": "7-days",
            "note": "",
        },
        "o3": {
            "kind": "visit",
            "visit_type": "BONES-FU",
            "modality": "video",
            "urgency": "routine",
            "note": "",
        },
    },
}
