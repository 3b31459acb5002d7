"""Pages of visits, below `visits/` in the desk's addresses."""

from django.urls import path

from desk import visit_views, visit_work

urlpatterns = [
    path("work/", visit_work.work, name="visit-work"),
    path("work/work.csv", visit_work.export, name="visit-work-export"),
    path("limits/<int:pk>/<slug:to>/", visit_work.decide, name="limit-decide"),
    path("<int:pk>/", visit_views.visit, name="visit"),
    path("<int:pk>/<slug:what>/", visit_views.act, name="visit-act"),
]
