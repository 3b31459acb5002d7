"""What members of staff choose for themselves."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, record
from crm.models import User
from crm.states import StaffLanguage


@transaction.atomic
def choose_language(*, user: User, language: StaffLanguage, by: Actor, at: dt.datetime) -> None:
    """The pages speak `language` to `user` from now on. Saying it twice is once.

    What is kept and what leaves (notes, audit, texts) is in no way changed by it.
    """
    others = User.objects.filter(pk=user.pk).exclude(language=language)
    if others.update(language=language):
        record("crm.user.language-chosen", user, by=by, at=at, language=str(language))
    user.language = language
