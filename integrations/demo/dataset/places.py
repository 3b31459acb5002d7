"""Where people live: real ZIP codes around the Arizona sites, districts of Abu Dhabi."""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass

import zipcodes

from integrations.demo.dataset.rows import Site

REACH_MILES = 22
EARTH_MILES = 3958.8

_STREETS = (
    *("Camelback Rd", "Thomas Rd", "McDowell Rd", "Indian School Rd", "Mesquite St", "Ocotillo Ln"),
    *("Palo Verde Dr", "Saguaro Way", "Ironwood Dr", "Broadway Rd", "Roosevelt St", "Glenn St"),
    *("Mountain View Rd", "Osborn Rd", "Desert Willow Dr", "Grant Rd", "Speedway Blvd", "Oak St"),
)
_DISTRICTS = (
    ("Al Raha Gardens", 24.4230, 54.5810),
    ("Khalifa City", 24.4190, 54.5740),
    ("Yas Island", 24.4990, 54.6030),
    ("Saadiyat Island", 24.5390, 54.4330),
    ("Al Reem Island", 24.4990, 54.4060),
    ("Al Bateen", 24.4530, 54.3420),
    ("Masdar City", 24.4270, 54.6180),
    ("Al Reef", 24.4620, 54.6700),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A home. `zip_code` and `state` are empty outside the United States."""

    address_line: str
    city: str
    state: str
    zip_code: str
    latitude: float
    longitude: float
    miles: float  # to the site


def miles_between(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance in statute miles."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_lat = (phi_b - phi_a) / 2
    half_lon = math.radians(lon_b - lon_a) / 2
    h = math.sin(half_lat) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(h))


def home_near(site: Site, rng: random.Random) -> Place:
    """A home within reach of `site`, on a made-up street of a real place."""
    return _home_in_zip(site, rng) if site.country == "US" else _home_in_district(site, rng)


def _home_in_zip(site: Site, rng: random.Random) -> Place:
    city, zip_code, lat, lon = rng.choice(zips_near(site))
    lat, lon = _scatter(lat, lon, rng)
    number = rng.randrange(101, 9900)
    line = f"{number} {rng.choice('NSEW')} {rng.choice(_STREETS)}"
    if rng.random() < 0.25:
        line += f", Apt {rng.randrange(1, 3)}{rng.randrange(1, 40):02d}"
    miles = miles_between(site.latitude, site.longitude, lat, lon)
    return Place(line, city, "AZ", zip_code, lat, lon, miles)


def _home_in_district(site: Site, rng: random.Random) -> Place:
    name, lat, lon = rng.choice(_DISTRICTS)
    lat, lon = _scatter(lat, lon, rng)
    inside = f"Villa {rng.randrange(2, 180)}"
    if rng.random() < 0.6:
        inside = f"Apartment {rng.randrange(2, 30)}{rng.randrange(1, 9):02d}"
    miles = miles_between(site.latitude, site.longitude, lat, lon)
    return Place(f"{inside}, {name}", site.city, "", "", lat, lon, miles)


def _scatter(lat: float, lon: float, rng: random.Random) -> tuple[float, float]:
    """Somewhere within about a mile of the point, so that neighbors have distances of their own."""
    return round(lat + rng.uniform(-0.012, 0.012), 5), round(lon + rng.uniform(-0.012, 0.012), 5)


@functools.cache
def zips_near(site: Site) -> tuple[tuple[str, str, float, float], ...]:
    """City, ZIP, latitude and longitude of the places people live in around an Arizona site."""
    found = [
        (row["city"], row["zip_code"], float(row["lat"]), float(row["long"]))
        for row in _zips_of(site.state)
    ]
    return tuple(sorted(row for row in found if _is_near(site, row[2], row[3])))


def _is_near(site: Site, lat: float, lon: float) -> bool:
    return miles_between(site.latitude, site.longitude, lat, lon) <= REACH_MILES


@functools.cache
def _zips_of(state: str) -> list[dict[str, str]]:
    """Post office boxes and buildings with a ZIP of their own left out."""
    found: list[dict[str, str]] = zipcodes.filter_by(  # type: ignore[no-untyped-call]
        state=state, active=True, zip_code_type="STANDARD"
    )
    return found
