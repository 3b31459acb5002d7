"""The pages of knowledge, below `knowledge/` in the desk's addresses."""

from django.urls import path

from desk import knowledge_editing, knowledge_views

urlpatterns = [
    path("", knowledge_views.articles, name="knowledge"),
    path("new/", knowledge_editing.new_article, name="article-new"),
    path("<slug:code>/", knowledge_views.article, name="article"),
    path("<slug:code>/vote/", knowledge_views.vote_here, name="article-vote"),
    path("<slug:code>/versions/", knowledge_views.versions, name="article-versions"),
    path("<slug:code>/versions/<int:number>/", knowledge_views.article, name="article-version"),
    path("<slug:code>/place/", knowledge_editing.place, name="article-place"),
    path("<slug:code>/draft/", knowledge_editing.draft, name="article-draft"),
    path("<slug:code>/draft/begin/", knowledge_editing.begin, name="article-begin"),
    path("<slug:code>/draft/preview/", knowledge_editing.preview, name="article-preview"),
    path("<slug:code>/draft/publish/", knowledge_editing.publish, name="article-publish"),
    path("<slug:code>/draft/discard/", knowledge_editing.discard, name="article-discard"),
    path("<slug:code>/take-back/", knowledge_editing.unschedule, name="article-take-back"),
    path(
        "<slug:code>/versions/<int:number>/again/",
        knowledge_editing.go_back,
        name="article-go-back",
    ),
]
