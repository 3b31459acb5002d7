"""Mass rescheduling: `/mass/`."""

from django.urls import path

from desk import mass_acting, mass_views, mass_work

urlpatterns = [
    path("", mass_views.jobs, name="mass"),
    path("new/", mass_views.new, name="mass-new"),
    path("<int:pk>/", mass_views.job, name="mass-job"),
    path("<int:pk>/plan.csv", mass_views.export, name="mass-export"),
    path("<int:pk>/items/<int:item>/", mass_views.item, name="mass-item"),
    path("<int:pk>/items/<int:item>/act/", mass_acting.change, name="mass-change"),
    path("<int:pk>/start/", mass_acting.start, name="mass-start"),
    path("<int:pk>/act/", mass_acting.act, name="mass-act"),
    path("<int:pk>/work/", mass_work.work, name="mass-work"),
    path("<int:pk>/work/<int:item>/settle/", mass_work.settle, name="mass-settle"),
]
