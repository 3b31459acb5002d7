from django.urls import path

from desk import anatomy_views

urlpatterns = [
    path("", anatomy_views.anatomy, name="anatomy"),
    path("anatomy.csv", anatomy_views.export_anatomy, name="anatomy-export"),
    path("<int:pk>/", anatomy_views.contact, name="anatomy-contact"),
]
