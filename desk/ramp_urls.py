"""Whose turn the next new patient is, below `new-patients/` in the desk's addresses."""

from django.urls import path

from desk import ramp_views

urlpatterns = [
    path("", ramp_views.turn, name="ramp"),
    path("<int:pk>/", ramp_views.edit, name="ramp-edit"),
]
