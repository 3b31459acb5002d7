"""Who may be offered a freed slot, in what order, and how many at a time: pure functions.

No Django, no clock, no input or output. `facts` are what the queries gather, `requirements` what
a visit needs and its patient has of it; `eligibility` says who is left out and why; `ranking`
orders the others and explains it; `waves` sizes and spaces the texts. `docs/ranking.md` is the
policy in words, held to this code by a test.
"""
