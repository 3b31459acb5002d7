"""Knowledge: articles in versions, what became of them on the phone, and whether they helped."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from crm.engine.models import due_index
from crm.models import Interaction, PhoneLine, User
from crm.models.people import LANGUAGES
from desk.models.call_types import CallType
from desk.models.versions import VersionRow, version_constraints
from scheduling.models import Location


class Article(models.Model):
    """One thing to know. What it says stands in its versions; where it holds, here, at once.

    Empty lines, sites and kinds of call mean all of them.
    """

    code = models.SlugField(max_length=60, unique=True)
    language = models.CharField(max_length=8, choices=LANGUAGES, default="en")
    specialty = models.CharField(max_length=80, blank=True)  # its service line; empty: any
    lines = models.ManyToManyField(PhoneLine, blank=True, related_name="+")
    locations = models.ManyToManyField(Location, blank=True, related_name="+")
    call_types = models.ManyToManyField(CallType, blank=True, related_name="articles")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class ArticleVersion(VersionRow):
    """One state of an article. `body` is in the Markdown that `rules.writing.read` reads."""

    OWNER, EVENT = "article", "desk.article-published"
    CONTENT = ("title", "words", "body", "named", "plain")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=120)
    #: What else people type for it: "where to park", "estacionamiento".
    words = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    body = models.TextField(max_length=12_000)
    #: Title and words, and the text, in small letters without accents; written with them.
    named = models.TextField()
    plain = models.TextField()
    searched = models.GeneratedField(
        expression=SearchVector("named", config="english", weight="A")
        + SearchVector("named", config="spanish", weight="A")
        + SearchVector("plain", config="english", weight="B")
        + SearchVector("plain", config="spanish", weight="B"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        constraints: ClassVar = version_constraints("desk_article", "article")
        indexes: ClassVar = [
            due_index("desk_article_due"),
            GinIndex(fields=["searched"], name="desk_article_searched"),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleUse(models.Model):
    """Somebody opened a version, in a contact or by itself. Counted once for both."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="uses")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    interaction = models.ForeignKey(
        Interaction, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    on = models.DateField()  # by the UTC day
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "user", "interaction", "on"],
                nulls_distinct=False,
                name="desk_article_use_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} opened {self.version_id}"


class ArticleVote(models.Model):
    """Whether a version helped: one vote for each person, which they may change."""

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    was_useful = models.BooleanField()
    #: What was missing, in the agent's words; no patient in it.
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "user"], name="desk_article_vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.version_id}: {'yes' if self.was_useful else 'no'}"
