"""What is done in the panels of a chart and of knowledge."""

from __future__ import annotations

from django.urls import path

from desk.screen.panels import chart_views, knowledge_views

urlpatterns = [
    path("<int:pk>/chart/<slug:name>/", chart_views.ask, name="screen-chart"),
    path("<int:pk>/labs/<int:lab_pk>/", chart_views.about_lab, name="screen-lab"),
    path("<int:pk>/knowledge/", knowledge_views.search, name="screen-knowledge"),
    path("<int:pk>/knowledge/<slug:code>/", knowledge_views.open_article, name="screen-article"),
    path(
        "<int:pk>/knowledge/<slug:code>/vote/",
        knowledge_views.vote_article,
        name="screen-article-vote",
    ),
    path("<int:pk>/refills/", chart_views.refill, name="screen-refill"),
]
