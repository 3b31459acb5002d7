"""Pure rules of triage: no Django, no clock, no files."""
