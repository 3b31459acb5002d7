"""Spanish as it is written in the United States: a point before decimals, a comma in thousands.

Days and months come from Django's own Spanish; the form of a date is said where it is shown. What
is typed is read as in English, the month first: one clinic must not read 3/4 in two ways. The first
of each is how a field is filled in; a browser's calendar takes no other.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
FIRST_DAY_OF_WEEK = 0
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"]
DATETIME_INPUT_FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
]
