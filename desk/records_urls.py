"""`/records/`: one person, one record."""

from django.urls import path

from desk import records_acting, records_views

urlpatterns = [
    path("", records_views.records, name="records"),
    path("records.csv", records_views.export, name="records-export"),
    path("flag/", records_acting.flag, name="record-flag"),
    path("<int:pk>/", records_views.pair, name="record-pair"),
    path("<int:pk>/merge/", records_acting.merge, name="record-merge"),
    path("<int:pk>/apart/", records_acting.apart, name="record-apart"),
    path("<int:pk>/undo/", records_acting.undo, name="record-undo"),
    path("<int:pk>/swap/", records_acting.swap, name="record-swap"),
]
