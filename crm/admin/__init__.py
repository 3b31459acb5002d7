"""Staff, patients and the trail, for administrators. Thin: states change through actions only."""

from django.contrib import admin
from django.contrib.auth.models import Group

from crm.admin import center, on_call, people, staff, trail
from crm.admin.kinds import Kept, KeptOfPatients, LookOnly, OfPatients

admin.site.unregister(Group)  # rights come with roles

__all__ = [
    "Kept",
    "KeptOfPatients",
    "LookOnly",
    "OfPatients",
    "center",
    "on_call",
    "people",
    "staff",
    "trail",
]
