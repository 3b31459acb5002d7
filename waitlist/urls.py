from django.urls.resolvers import URLPattern

app_name = "waitlist"
urlpatterns: list[URLPattern] = []
