"""The pages of kinds of call, below `call-types/` in the desk's addresses."""

from django.urls import path

from desk import script_call_types

urlpatterns = [
    path("", script_call_types.call_types, name="call-types"),
    path("new/", script_call_types.edit, name="call-type-new"),
    path("<slug:code>/", script_call_types.edit, name="call-type"),
]
