"""Outreach policy as pure functions: no Django, no clock, no input or output.

`replies` reads what a patient texted back; `quiet_hours` and `budget` say when a text may go;
`segments` counts what it costs; `wording` says what may not stand in one; `render` fills the
templates of `outreach.texts`; `times` says a time the way a patient would.
"""
