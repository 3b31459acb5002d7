"""The pages of scripts, below `scripts/` in the desk's addresses."""

from django.urls import path

from desk import script_editing, script_steps, script_views

urlpatterns = [
    path("", script_views.scripts_page, name="scripts"),
    path("new/", script_editing.new_script, name="script-new"),
    path("<slug:code>/", script_views.script, name="script"),
    path("<slug:code>/versions/", script_views.versions, name="script-versions"),
    path("<slug:code>/versions/<int:number>/", script_views.script, name="script-version"),
    path("<slug:code>/versions/<int:number>/again/", script_editing.go_back, name="script-go-back"),
    path("<slug:code>/take-back/", script_editing.unschedule, name="script-take-back"),
    path("<slug:code>/draft/", script_steps.draft, name="script-draft"),
    path("<slug:code>/draft/begin/", script_editing.begin, name="script-begin"),
    path("<slug:code>/draft/newer/", script_editing.take_newer, name="script-take-newer"),
    path("<slug:code>/draft/publish/", script_editing.publish, name="script-publish"),
    path("<slug:code>/draft/discard/", script_editing.discard, name="script-discard"),
    path("<slug:code>/draft/step/", script_steps.add, name="script-step-new"),
    path("<slug:code>/draft/steps/<slug:key>/", script_steps.step, name="script-step"),
    path("<slug:code>/draft/steps/<slug:key>/move/", script_steps.shift, name="script-step-move"),
    path(
        "<slug:code>/draft/steps/<slug:key>/remove/", script_steps.remove, name="script-step-remove"
    ),
]
