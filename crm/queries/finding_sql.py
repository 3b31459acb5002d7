"""The statements of patient search. Each arm is bounded, and goes by one index.

`ROWS` says of each record found: whose it is now, itself, its names and birth date, and which of
the said numbers led to it. Comparing is then left to `crm.rules.finding`.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

#: So many rows of one arm are looked at.
MOST: Final = 200
#: So many people at most share a birth date before it counts as made up (1900-01-01).
MOST_BORN: Final = 400

_PERSON = "coalesce(p.merged_into_id, p.id), p.given_name, p.family_name, p.birth_on"

#: By birth date, phone and record number: as many arms as there are numbers.
ANCHORS: Final = f"""
    WITH hit AS MATERIALIZED ({{arms}})
    SELECT {_PERSON}, array_agg(hit.how)
    FROM hit JOIN crm_patient p ON p.id = hit.patient_id
    GROUP BY p.id
"""  # noqa: S608 our own words
BORN: Final = (
    "(SELECT id AS patient_id, 'birth ' AS how FROM crm_patient"  # noqa: S608 our own words
    f" WHERE birth_on = %(birth_on)s LIMIT {MOST_BORN})"
)
#: `which` compares, with a constant: a range that comes from another table goes by no index.
PHONE: Final = (
    "(SELECT held.patient_id, CASE WHEN held.ended_on <= %(today)s"  # noqa: S608 our own words
    " THEN 'ended '"
    " ELSE 'phone ' END || %(token{n})s AS how"
    " FROM crm_phone phone JOIN crm_patientphone held ON held.phone_id = phone.id"
    f" WHERE {{which}} LIMIT {MOST})"
)
WHOLE_NUMBER: Final = "phone.number = %(phone{n})s"
NUMBER_ENDS: Final = "reverse(phone.number) LIKE %(phone{n})s"
RECORD: Final = (
    "(SELECT patient_id, 'record ' || %(token{n})s AS how"  # noqa: S608 our own words
    " FROM crm_patientidentifier"
    f" WHERE crm_record_key(value) LIKE %(key{{n}})s LIMIT {MOST})"
)

#: By the words of a name, and what is known of the birth date.
NAMES: Final = f"""
    WITH hit AS MATERIALIZED (
        SELECT * FROM crm_patient
        WHERE crm_name_words(given_name, family_name) @@ %(query)s::tsquery
            {{birth}} LIMIT {MOST}
    )
    SELECT {_PERSON}, NULL::text[] FROM hit p
"""  # noqa: S608 our own words

#: By how a family name and a first name begin: `begin` is one or both, one index each way round.
BEGINNINGS: Final = (
    f"(SELECT {_PERSON}, NULL::text[] FROM crm_patient p"  # noqa: S608 our own words
    f" WHERE {{begin}} {{order}} LIMIT {MOST // 2})"
)
BEGINS: Final = "crm_plain(p.{name}) ~>=~ %(low{n})s AND crm_plain(p.{name}) ~<~ %(high{n})s"
IN_ORDER: Final = "ORDER BY crm_plain(p.{name}) USING ~<~"

#: Words of names that sound like what was said, look like it, or begin with it.
ALIKE: Final = """
    SELECT said.word, alike.word FROM unnest(%(words)s::text[]) AS said (word)
    CROSS JOIN LATERAL (
        (SELECT word FROM crm_nameword WHERE sounds && crm_sounds(said.word)::varchar[] LIMIT 300)
        UNION
        (SELECT word FROM crm_nameword WHERE word %% said.word
         ORDER BY similarity(word, said.word) DESC LIMIT 30)
        UNION
        (SELECT word FROM crm_nameword WHERE word LIKE said.word || '%%'
             AND length(said.word) > 2 LIMIT 60)
    ) AS alike
"""

BORN_ON: Final = "AND birth_on = ANY(%(births)s)"
#: A year, or a month of one, as a range: its index narrows, too.
BORN_IN: Final = "AND birth_on >= %(since)s AND birth_on < %(until)s"
BORN_EACH: Final = (
    "AND extract(month FROM birth_on) = %(month)s"
    " AND (%(day)s::int IS NULL OR extract(day FROM birth_on) = %(day)s)"
)


def read(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement, in the order of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
