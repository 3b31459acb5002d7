"""`GET /fhir/metadata`: what the server can do, from the tables that it works by."""

from __future__ import annotations

from integrations.practice_ehr.documents import KINDS, Json
from integrations.practice_ehr.models import Switches
from integrations.practice_ehr.search import parameters

#: Date of this statement: when the interactions below last changed.
DATE = "2026-11-22"


def capability_statement(base_url: str, switches: Switches) -> Json:
    """An R4 CapabilityStatement of kind instance."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": {"name": "Firstcall practice EHR"},
        "implementation": {"description": "A practice EHR with made-up patients", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "A static bearer token."},
                "resource": [_resource(kind, switches) for kind in KINDS],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }


def _resource(kind: str, switches: Switches) -> Json:
    return {
        "type": kind,
        "interaction": [{"code": code} for code in ("read", "create", "update", "search-type")],
        # "versioned": a stale If-Match is refused; the switch makes it one of those that ignore it.
        "versioning": "versioned-update" if switches.honors_if_match else "versioned",
        "updateCreate": True,
        "conditionalCreate": switches.honors_if_none_exist,
        "searchParam": [
            {"name": name, "type": fhir_type} for name, fhir_type in parameters(kind).items()
        ],
    }
