"""The steps of scripts and articles that come into force by themselves."""

from __future__ import annotations

import datetime as dt

from crm.engine import Actor, step
from desk.actions.versions import come_into_force
from desk.models import ArticleVersion, ScriptVersion

BY = Actor.system("knowledge")


def start_script(pk: int, at: dt.datetime) -> None:
    """The time of a scheduled script has come."""
    come_into_force(ScriptVersion, version_id=pk, by=BY, at=at)


def start_article(pk: int, at: dt.datetime) -> None:
    """The time of a scheduled article has come."""
    come_into_force(ArticleVersion, version_id=pk, by=BY, at=at)


step(name="desk.start-script", model=ScriptVersion, queue="bulk")(start_script)
step(name="desk.start-article", model=ArticleVersion, queue="bulk")(start_article)
