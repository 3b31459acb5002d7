"""Spanish as it is written in the United States: a point before decimals, a comma in thousands.

Days and months come from Django's own Spanish; the form of a date is said where it is shown.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
