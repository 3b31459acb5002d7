"""The pages of decision trees, below `trees/` in the desk's addresses."""

from django.urls import path

from desk import tree_bench, tree_editing, tree_nodes, tree_views, tree_walking

urlpatterns = [
    path("", tree_views.trees, name="trees"),
    path("new/", tree_editing.new_tree, name="tree-new"),
    path("walk/", tree_walking.find, name="tree-find"),
    path("runs/<int:pk>/", tree_walking.run, name="tree-run"),
    path("runs/<int:pk>/answer/", tree_walking.answer, name="tree-answer"),
    path("runs/<int:pk>/leave/", tree_walking.leave, name="tree-leave"),
    path("<int:pk>/", tree_views.tree, name="tree"),
    path("<int:pk>/describe/", tree_editing.describe, name="tree-describe"),
    path("<int:pk>/start/", tree_walking.start, name="tree-start"),
    path("<int:pk>/versions/", tree_views.versions, name="tree-versions"),
    path("<int:pk>/bench/", tree_bench.bench, name="tree-bench"),
    path("<int:pk>/bench/<int:case>/drop/", tree_bench.drop, name="tree-case-drop"),
    path("<int:pk>/draft/", tree_editing.draft, name="tree-draft"),
    path("<int:pk>/draft/publish/", tree_editing.publish, name="tree-publish"),
    path("<int:pk>/draft/discard/", tree_editing.discard, name="tree-discard"),
    path("<int:pk>/draft/<slug:node>/", tree_nodes.node, name="tree-node"),
    path("<int:pk>/draft/<slug:node>/remove/", tree_editing.remove, name="tree-node-remove"),
]
