"""What is done in the panels of a chart."""

from __future__ import annotations

from django.urls import path

from desk.screen.panels import chart_views

urlpatterns = [
    path("<int:pk>/chart/<slug:name>/", chart_views.ask, name="screen-chart"),
    path("<int:pk>/labs/<int:lab_pk>/", chart_views.about_lab, name="screen-lab"),
    path("<int:pk>/refills/", chart_views.refill, name="screen-refill"),
]
