"""The demo health system: made-up people and schedules to see Firstcall work on.

`dataset` makes it up (pure, deterministic by seed), `load` puts it into Firstcall's tables and
the practice EHR, `pick` finds a visit whose cancellation makes a good story right now, and
`guard` keeps all of it out of production.
"""
