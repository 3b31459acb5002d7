"""Sign-offs and training, below `sign-offs/` in the desk's addresses."""

from django.urls import path

from desk import script_sign_offs

urlpatterns = [
    path("", script_sign_offs.sign_offs, name="sign-offs"),
    path("give/", script_sign_offs.give, name="sign-off-give"),
    path("practice/<slug:code>/", script_sign_offs.practice, name="training-start"),
]
