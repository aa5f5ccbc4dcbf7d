"""Offers: finding and reading them is public, making them happens in the partner's room."""

from django.urls import path

from stemportal.activities.views import detail, listings, search, sessions

app_name = "activities"

urlpatterns = [
    path("activities/", search.search, name="search"),
    path("activities/<int:pk>/edit/", listings.edit, name="edit"),
    path("activities/<int:pk>/publish/", listings.publish, name="publish"),
    path("activities/<int:pk>/unpublish/", listings.unpublish, name="unpublish"),
    path("activities/<int:pk>/archive/", listings.archive, name="archive"),
    path("activities/<int:pk>/restore/", listings.restore, name="restore"),
    path("activities/<int:pk>/sessions/add/", sessions.session_add, name="session_add"),
    path("activities/<int:pk>/", detail.detail, name="detail_short"),
    path("activities/<int:pk>-<slug:slug>/", detail.detail, name="detail"),
    path("partner/<int:partner_pk>/activities/", listings.listings, name="listings"),
    path("partner/<int:partner_pk>/activities/new/", listings.create, name="create"),
]
