"""Straight-line distances, in miles."""

from __future__ import annotations

import math

#: Mean radius of the Earth (IUGG).
EARTH_RADIUS_MILES = 3958.8


def miles_between(
    latitude: float | None,
    longitude: float | None,
    other_latitude: float | None,
    other_longitude: float | None,
) -> float | None:
    """Great-circle miles (haversine), or None when a coordinate is missing or impossible."""
    if latitude is None or longitude is None or other_latitude is None or other_longitude is None:
        return None
    if not (abs(latitude) <= 90 and abs(other_latitude) <= 90):  # NaN fails this too
        return None
    if not (abs(longitude) <= 180 and abs(other_longitude) <= 180):
        return None
    phi, other_phi = math.radians(latitude), math.radians(other_latitude)
    half_height = math.sin((other_phi - phi) / 2) ** 2
    half_width = math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    chord = half_height + math.cos(phi) * math.cos(other_phi) * half_width
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, chord)))
