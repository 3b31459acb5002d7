"""The live stream: tells open pages that something happened, by ids only.

Actions write an event row; after commit `publish` puts its ids on one Redis channel. A small ASGI
process (`config.asgi`) hears the channel once and passes each notice to the browsers that may hear
it, as server-sent events. A page then fetches the partial that its user may see, so no patient
data travels here. The table is the truth: a browser that was away says which event it saw last and
the rest is read from there. Losing Redis, the process or a notice costs a late refresh and no more.
"""
