from django.urls.resolvers import URLPattern

app_name = "phones"
urlpatterns: list[URLPattern] = []
