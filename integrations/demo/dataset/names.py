"""Names of people, as Faker knows them from census lists, seeded."""

from __future__ import annotations

import random
import unicodedata

from faker import Faker

from crm.states import Sex


class Names:
    """Given and family names of two cultures."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._fakers = {"en": Faker("en_US"), "es": Faker("es_MX")}
        for faker in self._fakers.values():
            faker.seed_instance(rng.getrandbits(32))

    def given(self, culture: str, sex: Sex) -> str:
        faker = self._fakers[culture]
        name = faker.first_name_female() if sex is Sex.FEMALE else faker.first_name_male()
        return " ".join(name.split())

    def family(self, culture: str) -> str:
        faker = self._fakers[culture]
        name = " ".join(faker.last_name().split())
        if culture == "es" and self._rng.random() < 0.25:
            second = " ".join(faker.last_name().split())
            return f"{name} {second}" if second != name else name
        return name


def plain_ascii(name: str) -> str:
    """For an e-mail address: "Peña Núñez" as "penanunez"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isascii() and c.isalnum())
