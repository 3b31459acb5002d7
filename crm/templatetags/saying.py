"""`{{ sentence|translated }}`: what a rule or an action says, in the language of the page."""

from __future__ import annotations

from django import template

from crm.saying import translated

register = template.Library()
register.filter("translated", translated)
