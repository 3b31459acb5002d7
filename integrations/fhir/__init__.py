"""FHIR R4: what an EHR reports to us, and what we ask of it."""
