"""Pages about partners: public ones below /partners/, a partner's own room below /partner/<number>/."""

from django.urls import path

from stemportal.partners.views import directory, registration

app_name = "partners"

urlpatterns = [
    # Applying
    path("partners/become/", directory.become, name="become"),
    path("partners/register/", registration.register, name="register"),
    path("partners/register/done/", registration.registered, name="registered"),
    path("partners/register/confirm/<slug:token>/", registration.confirm, name="confirm"),
    path("partners/challenge/", registration.challenge, name="challenge"),
    # The partner's room
    # Public pages; the detail page comes last: its address is any slug (reserved ones: slugs.RESERVED)
    path("partners/", directory.directory, name="directory"),
    path("partners/signatories/", directory.signatories, name="signatories"),
    path("partners/<slug:slug>/", directory.detail, name="detail"),
]
