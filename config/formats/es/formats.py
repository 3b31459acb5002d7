"""Spanish as it is written in the United States: a point before decimals, a comma in thousands.

Days and months come from Django's own Spanish; the form of a date is said where it is shown. What
is typed is read as in English, the month first: one clinic must not read 3/4 in two ways.
"""

from django.conf.locale.en.formats import (
    DATE_INPUT_FORMATS,
    DATETIME_INPUT_FORMATS,
    FIRST_DAY_OF_WEEK,
    TIME_INPUT_FORMATS,
)

__all__ = [
    "DATETIME_INPUT_FORMATS",
    "DATE_INPUT_FORMATS",
    "DECIMAL_SEPARATOR",
    "FIRST_DAY_OF_WEEK",
    "THOUSAND_SEPARATOR",
    "TIME_INPUT_FORMATS",
]

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
