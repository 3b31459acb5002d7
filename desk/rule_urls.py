"""`/rules/`: what clinics and clinicians allow, and who went past it."""

from django.urls import path

from desk import rule_editing, rule_overrides, rule_views

urlpatterns = [
    path("", rule_views.rules, name="rules"),
    path("add/", rule_editing.add_rule, name="rule-add"),
    path("<int:pk>/", rule_editing.edit_rule, name="rule-edit"),
    path("effects/", rule_views.effects, name="rule-effects"),
    path("effects/<int:clinic_id>/<slug:rule>/", rule_editing.set_effect, name="rule-effect"),
    path("audiences/", rule_views.audiences, name="rule-audiences"),
    path("audiences/add/", rule_editing.edit_audience, name="rule-audience-add"),
    path("audiences/<int:pk>/", rule_editing.edit_audience, name="rule-audience"),
    path("releases/", rule_views.releases, name="rule-releases"),
    path("releases/add/", rule_editing.edit_release, name="rule-release-add"),
    path("releases/<int:pk>/", rule_editing.edit_release, name="rule-release"),
    path("overrides/", rule_overrides.overrides, name="rule-overrides"),
    path("overrides/overrides.csv", rule_overrides.export, name="rule-overrides-export"),
    path("rules.csv", rule_views.export, {"what": "rules"}, name="rules-export"),
    path("effects.csv", rule_views.export, {"what": "effects"}, name="rule-effects-export"),
    path("audiences.csv", rule_views.export, {"what": "audiences"}, name="rule-audiences-export"),
    path("releases.csv", rule_views.export, {"what": "releases"}, name="rule-releases-export"),
    path("rules/<int:pk>/end/", rule_editing.end, {"what": "rules"}, name="rule-end"),
    path("audiences/<int:pk>/end/", rule_editing.end, {"what": "audiences"}, name="audience-end"),
    path("releases/<int:pk>/end/", rule_editing.end, {"what": "releases"}, name="release-end"),
]
