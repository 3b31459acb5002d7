"""Django's `url` and `translate`, working out once what a page asks for a hundred times.

A desk has some eighty addresses and two hundred fixed sentences. Django matches each address
against the patterns anew, and wraps each sentence in a lazy string for every value it could be:
six milliseconds of a page that takes fifty. What either cannot take over here is left to Django's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()

#: Addresses that a process keeps; the oldest unused go.
KEPT = 8192


class AddressNode(Node):
    """`{% url %}` of Django, which keeps what it worked out for keys and words."""

    def __init__(self, plain: defaulttags.URLNode) -> None:
        self.plain = plain

    def render(self, context: Context) -> SafeString:
        name = self.plain.view_name.resolve(context)
        args = tuple(each.resolve(context) for each in self.plain.args)
        if not all(isinstance(each, str) or type(each) is int for each in (name, *args)):
            return SafeString(self.plain.render(context))
        where = get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), namespace(context)
        try:
            address = address_of(name, args, *where)
        except NoReverseMatch:
            return SafeString(self.plain.render(context))  # which knows whether that is an error
        if self.plain.asvar:
            context[self.plain.asvar] = address
            return SafeString()
        return SafeString(conditional_escape(address) if context.autoescape else address)


def namespace(context: Context) -> str | None:
    """In which of several instances of an app a name is looked up first, as `{% url %}` does."""
    request = getattr(context, "request", None)
    try:
        return str(request.current_app)  # type: ignore[union-attr]
    except AttributeError:
        match = getattr(request, "resolver_match", None)
        return match.namespace if match else None


@lru_cache(maxsize=KEPT)
def address_of(
    name: str, args: tuple[int | str, ...], urlconf: str, prefix: str, current_app: str | None
) -> str:
    """The path of a view. `prefix` decides it too: where the site stands on its host.

    :raises NoReverseMatch: as `reverse`.
    """
    return reverse(name, urlconf=urlconf, args=args, current_app=current_app)


class WordsNode(Node):
    """`{% translate "…" %}` of a fixed sentence."""

    def __init__(self, words: SafeString) -> None:
        self.words = words

    def render(self, context: Context) -> SafeString:
        return SafeString(gettext(self.words))


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """`{% url "name" key %}`, also with `as`."""
    plain = defaulttags.url(parser, token)
    return plain if plain.kwargs else AddressNode(plain)


@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """`{% translate "words" %}`."""
    plain: Any = i18n.do_translate(parser, token)
    words = plain.filter_expression.var.literal
    is_more = plain.filter_expression.filters or plain.asvar or plain.noop or plain.message_context
    if is_more or not isinstance(words, SafeString) or not words or "%" in words:
        return plain  # type: ignore[no-any-return]
    return WordsNode(words)
