"""Public pages about partners. The detail page comes last: its address is any slug (reserved ones: slugs.RESERVED)."""

from django.urls import path

from stemportal.partners.views import directory, registration

app_name = "partners"

urlpatterns = [
    path("", directory.directory, name="directory"),
    path("become/", directory.become, name="become"),
    path("signatories/", directory.signatories, name="signatories"),
    path("register/", registration.register, name="register"),
    path("register/done/", registration.registered, name="registered"),
    path("register/confirm/<slug:token>/", registration.confirm, name="confirm"),
    path("challenge/", registration.challenge, name="challenge"),
    path("<slug:slug>/", directory.detail, name="detail"),
]
