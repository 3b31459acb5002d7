from desk.models.articles import Article, ArticleUse, ArticleVersion, ArticleVote
from desk.models.call_types import CallExit, CallType
from desk.models.scripts import Script, ScriptVersion
from desk.models.sign_offs import SignOff
from desk.models.versions import VersionRow

__all__ = [
    "Article",
    "ArticleUse",
    "ArticleVersion",
    "ArticleVote",
    "CallExit",
    "CallType",
    "Script",
    "ScriptVersion",
    "SignOff",
    "VersionRow",
]
