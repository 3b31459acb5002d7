"""A health system's patients by the million, written by PostgreSQL itself.

Names as the Southwest has them: half of all people share sixty family names, the rest have one of
some twenty thousand; a third have two, and one in twelve hyphenates them. Every person has a
number, one in ten shares it with the one before; every person has a record number. The same size
makes the same people.
"""

from __future__ import annotations

from django.db import connection

from bench.population import analyze, insert
from crm.models import Patient, PatientIdentifier, PatientPhone, Phone

GIVEN = (
    *("Maria", "Jose", "Juan", "Ana", "Luis", "Rosa", "Carlos", "Carmen", "Jesus", "Guadalupe"),
    *("James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "William"),
    *("Elizabeth", "David", "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas"),
    *("Sarah", "Charles", "Karen", "Cristina", "Kristina", "Katherine", "Catherine", "Sofía"),
    *("Andrés", "Verónica", "José María", "Ángel", "Núria", "Mei", "Wei", "Linh", "Ahmed"),
    *("Fatima", "Olga", "Iván", "Chloë", "Zoë", "Renée", "Marta", "Mario", "Daniel", "Emma"),
)
FAMILY = (
    *("Garcia", "Martinez", "Rodriguez", "Lopez", "Hernandez", "Gonzalez", "Perez", "Sanchez"),
    *("Ramirez", "Torres", "Flores", "Rivera", "Gomez", "Diaz", "Cruz", "Morales", "Gutierrez"),
    *("Ortiz", "Núñez", "Muñoz", "Guzmán", "Ponce", "Delgado", "Vásquez", "Jiménez", "Herrera"),
    *("Smith", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson"),
    *("Taylor", "Thomas", "Moore", "Jackson", "Martin", "Lee", "Thompson", "White", "Harris"),
    *("Clark", "Lewis", "Robinson", "Walker", "Young", "Allen", "King", "Wright", "Scott"),
    *("O'Brien", "McDonald", "Nguyen", "Chen", "Patel", "Kim", "Begay", "Yazzie"),
)
_SYLLABLES = "ba,ce,di,fo,gu,la,me,ni,po,ru,sa,te,vi,zo,cha,lle,qui,rra,ste,tho"
_ENDS = "n,s,ez,son,ski,ti,da,ro,man,er"


def _chance(salt: int, below: int) -> str:
    """A number from 0, the same for the same person."""
    return f"mod(hashint8(n * 16 + {salt})::bigint + 2147483648, {below})"


def _one_of(words: tuple[str, ...] | list[str], number: str) -> str:
    quoted = ",".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"(ARRAY[{quoted}])[1 + {number}]"


def _family(salt: int) -> str:
    """Half of them common, and of these the first ones most: the square of a chance."""
    common = f"({_chance(salt, 1000)} * {_chance(salt + 1, 1000)} * {len(FAMILY)} / 1000000)"
    syllables, ends = _SYLLABLES.split(","), _ENDS.split(",")
    rare = " || ".join(
        _one_of(syllables, _chance(salt + 2 + place, len(syllables))) for place in range(2)
    )
    rare = f"initcap({rare} || {_one_of(ends, _chance(salt + 4, len(ends)))})"
    five = _one_of(syllables, _chance(salt + 5, len(syllables)))
    rare = f"(CASE WHEN mod(n, 3) = 0 THEN initcap({five}) || lower({rare}) ELSE {rare} END)"
    is_common = f"{_chance(salt + 6, 2)} = 0"
    return f"(CASE WHEN {is_common} THEN {_one_of(FAMILY, common)} ELSE {rare} END)"


def write_people(size: int) -> None:
    """`size` patients in an empty database, each with a phone and a record number."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        cursor.execute("SET session_replication_role = replica")  # they fit by construction
        _write(size)
        cursor.execute("SET session_replication_role = DEFAULT; RESET synchronous_commit")
        # What the trigger would have done for each (`crm/migrations/0016`).
        cursor.execute(
            "INSERT INTO crm_nameword (word, sounds) SELECT word, crm_sounds(word) FROM ("
            " SELECT DISTINCT unnest(tsvector_to_array(crm_name_words(given_name, family_name)))"
            " AS word FROM crm_patient) AS said WHERE length(word) BETWEEN 2 AND 100"
        )
    analyze()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM crm_patient")
        cursor.execute("CHECKPOINT")


def _write(size: int) -> None:
    second = f"CASE {_chance(14, 12)} WHEN 0 THEN '-' ELSE ' ' END || {_family(8)}"
    insert(
        Patient,
        size,
        id="n",
        given_name=_one_of(
            GIVEN, f"({_chance(1, 1000)} * {_chance(2, 1000)} * {len(GIVEN)} / 1000000)"
        ),
        family_name=f"{_family(0)} || CASE WHEN {_chance(15, 3)} = 0 THEN {second} ELSE '' END",
        birth_on=f"DATE '1930-01-01' + {_chance(3, 34_000)}::int",
        created_at="now()",
    )
    insert(Phone, size, id="n", number="'+1' || (2000000000 + n::bigint * 37)")
    insert(
        PatientPhone,
        size,
        patient_id="n",
        phone_id="CASE WHEN mod(n, 10) = 0 THEN n - 1 ELSE n END",
    )
    insert(
        PatientIdentifier,
        size,
        patient_id="n",
        system="'urn:mrn'",
        value="'S' || lpad(n::text, 8, '0')",
    )
