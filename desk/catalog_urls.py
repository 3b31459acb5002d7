"""The pages of the visit-type catalog, below `visit-types/` in the desk's addresses."""

from django.urls import path

from desk import catalog_editing, catalog_views

urlpatterns = [
    path("", catalog_views.visit_types, name="visit-types"),
    path("visit-types.csv", catalog_views.export, name="visit-types-export"),
    path("<int:pk>/", catalog_views.visit_type, name="visit-type"),
    path("<int:pk>/edit/", catalog_editing.edit, name="visit-type-edit"),
    path("<int:pk>/<slug:part>/add/", catalog_editing.add, name="visit-type-add"),
    path(
        "<int:pk>/<slug:part>/<int:line>/remove/", catalog_editing.remove, name="visit-type-remove"
    ),
    path("<int:pk>/questions/<int:question>/", catalog_editing.answer, name="visit-type-answer"),
]
