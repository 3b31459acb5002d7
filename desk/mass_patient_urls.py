"""Links that patients get in texts when their visit cannot stay: `/m/<token>/`, a secret."""

from django.urls import path

from desk import mass_patient_views

app_name = "mass"
urlpatterns = [
    path("<slug:token>/", mass_patient_views.choices, name="choices"),
    path("<slug:token>/choose/", mass_patient_views.take, name="choose"),
]
