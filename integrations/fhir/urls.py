from django.urls.resolvers import URLPattern

app_name = "fhir"
urlpatterns: list[URLPattern] = []
