"""Articles: those that fit a contact, and search as one types."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.contrib.postgres.search import (
    SearchQuery,
    SearchRank,
    TrigramWordSimilarity,
)
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from crm.models import Interaction, PhoneLine, User
from desk.models import Article, ArticleUse, ArticleVersion, ArticleVote
from desk.rules.writing import plain
from desk.states import VersionStatus

#: A misspelt word is found from this likeness on (0 to 1): "parkign" is 0.5 from "parking".
LIKE = 0.45
_WORD = re.compile(r"[^\W_]+")
#: How the tables between an article and what it is for call their other end.
_ENDS = {"lines": "phoneline", "locations": "location", "call_types": "calltype"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFacts:
    """What of a contact says which articles fit; empty where nobody knows."""

    line_id: int | None = None
    #: Of the line's site, or of the next visit: also as something to be asked for along.
    location_id: int | Subquery | None = None
    call_type: str = ""
    specialty: str = ""
    language: str = "en"

    @classmethod
    def of(cls, contact: Interaction, *, site: Subquery | None = None) -> ArticleFacts:
        """Reads its call and line, where they are not read along.

        :param site: of the next visit, for a line that has none.
        """
        call = getattr(contact, "call", None)
        line: PhoneLine | None = call.line if call is not None else None
        return cls(
            line_id=line.pk if line else None,
            location_id=(line.location_id if line else None) or site,
            call_type=contact.call_type,
            specialty=contact.specialty or (line.specialty if line else ""),
            language=contact.language or (line.language if line else "") or "en",
        )


def articles_for(facts: ArticleFacts, *, limit: int = 6) -> tuple[ArticleVersion, ...]:
    """Published articles that fit, those that fit most closely first. One statement.

    One for certain lines, sites, kinds of call or a service line fits there only. Staff read
    English: an article in another language comes where the caller speaks it.
    """
    rows = _published().filter(
        _fits("lines", facts.line_id),
        _fits("locations", facts.location_id),
        _fits("call_types", facts.call_type, by="code"),
        Q(article__specialty="") | Q(article__specialty__iexact=facts.specialty),
        Q(article__language="en") | Q(article__language=facts.language),
    )
    kinds = Article.call_types.through.objects.filter(article=OuterRef("article"))
    sites = Article.locations.through.objects.filter(article=OuterRef("article"))
    lines = Article.lines.through.objects.filter(article=OuterRef("article"))
    rows = rows.annotate(
        by_kind=Exists(kinds), by_place=Exists(sites), by_line=Exists(lines)
    ).order_by("-by_kind", "-by_place", "-by_line", "-article__specialty", "title")
    return tuple(rows[:limit])


def search_articles(
    text: str, *, language: str = "", limit: int = 12
) -> tuple[ArticleVersion, ...]:
    """Published articles by what is typed, best first, the last word perhaps unfinished.

    Full text in English and Spanish, the title first; where that finds nothing, likeness of the
    title's words, so that a slip is forgiven. One statement, or two.

    :param language: of the articles; empty for all.
    """
    words = _WORD.findall(plain(text))[:12]
    if not words:
        return ()
    rows = _published()
    if language:
        rows = rows.filter(article__language=language)
    query = _query(words, "english") | _query(words, "spanish")
    found = rows.filter(searched=query).annotate(rank=SearchRank(F("searched"), query))
    best = tuple(found.order_by("-rank", "title")[:limit])
    return best or _alike(rows, " ".join(words), limit=limit)


def _alike(rows: QuerySet[ArticleVersion], typed: str, *, limit: int) -> tuple[ArticleVersion, ...]:
    like = rows.annotate(likeness=TrigramWordSimilarity(typed, "named"))
    return tuple(like.filter(likeness__gte=LIKE).order_by("-likeness", "title")[:limit])


def _query(words: list[str], config: str) -> SearchQuery:
    """All of the words, the last as far as it is typed. They are letters and figures only."""
    raw = " & ".join([*words[:-1], f"{words[-1]}:*"])
    return SearchQuery(raw, config=config, search_type="raw")


def _published() -> QuerySet[ArticleVersion]:
    rows = ArticleVersion.objects.filter(status=VersionStatus.PUBLISHED)
    return rows.select_related("article").defer("plain", "named", "searched")


def _fits(name: str, value: int | str | Subquery | None, *, by: str = "pk") -> Q:
    """It names none of that kind, or this one."""
    through = getattr(Article, name).through.objects.filter(article=OuterRef("article"))
    is_for_all = ~Q(Exists(through))
    if not value:
        return is_for_all
    return is_for_all | Q(Exists(through.filter(**{f"{_ENDS[name]}__{by}": value})))


def find_article(code: str) -> ArticleVersion | None:
    """What an article says now, by its short name."""
    return _published().filter(article__code=code).first()


def versions_of(article_id: int) -> QuerySet[ArticleVersion]:
    """Newest first, with who wrote and published them."""
    rows = ArticleVersion.objects.filter(article=article_id)
    return rows.select_related("article", "created_by", "published_by").order_by("-number")


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One article in the list. `uses` and votes are of its version in force."""

    article: Article
    title: str
    published: ArticleVersion | None
    draft: ArticleVersion | None
    scheduled: ArticleVersion | None
    uses: int
    useful: int
    not_useful: int

    @property
    def voted(self) -> int:
        return self.useful + self.not_useful


def list_articles(*, since: dt.datetime) -> list[ArticleLine]:
    """All articles by title. :param since: uses are counted from then."""
    found: dict[int, dict[str, ArticleVersion]] = {}
    articles = Article.objects.prefetch_related("call_types", "locations", "lines")
    living = ArticleVersion.objects.exclude(status=VersionStatus.RETIRED)
    for version in living.defer("plain", "named", "searched", "body").order_by("number"):
        found.setdefault(version.article_id, {})[version.status] = version
    uses = dict(
        ArticleUse.objects.filter(at__gte=since, version__status=VersionStatus.PUBLISHED)
        .values_list("version__article")
        .annotate(n=Count("pk"))
    )
    votes = {
        (pk, was): n
        for pk, was, n in ArticleVote.objects.filter(version__status=VersionStatus.PUBLISHED)
        .values_list("version__article", "was_useful")
        .annotate(n=Count("pk"))
    }
    lines = [
        _line(article, found.get(article.pk, {}), uses.get(article.pk, 0), votes)
        for article in articles
    ]
    return sorted(lines, key=lambda line: line.title.casefold())


def _line(
    article: Article,
    versions: dict[str, ArticleVersion],
    uses: int,
    votes: dict[tuple[int, bool], int],
) -> ArticleLine:
    newest = max(versions.values(), key=lambda each: each.number, default=None)
    published = versions.get(VersionStatus.PUBLISHED)
    shown = published or newest
    return ArticleLine(
        article=article,
        title=shown.title if shown else article.code,
        published=published,
        draft=versions.get(VersionStatus.DRAFT),
        scheduled=versions.get(VersionStatus.SCHEDULED),
        uses=uses,
        useful=votes.get((article.pk, True), 0),
        not_useful=votes.get((article.pk, False), 0),
    )


def vote_of(version: ArticleVersion, user: User) -> ArticleVote | None:
    return ArticleVote.objects.filter(version=version, user=user).first()


def missed_in(version: ArticleVersion) -> tuple[ArticleVote, ...]:
    """What readers missed in a version, in their words, the newest first."""
    rows = ArticleVote.objects.filter(version=version).exclude(note="")
    return tuple(rows.select_related("user").order_by("-at")[:50])
