"""Pages about partners: public ones below /partners/, a partner's own room below /partner/<number>/."""

from django.urls import path

from stemportal.partners.views import (
    brand,
    contact,
    declaration,
    directory,
    drafts,
    files,
    invitations,
    leaving,
    members,
    organisation,
    registration,
)

app_name = "partners"

urlpatterns = [
    # Applying
    path("partners/become/", directory.become, name="become"),
    path("partners/register/", registration.register, name="register"),
    path("partners/register/done/", registration.registered, name="registered"),
    path("partners/register/saved/", drafts.saved, name="register_saved"),
    path("partners/register/resume/<slug:token>/", drafts.resume, name="register_resume"),
    path("partners/register/confirm/<slug:token>/", registration.confirm, name="confirm"),
    path("partners/challenge/", registration.challenge, name="challenge"),
    # The partner's room
    path("partner/<int:partner_pk>/data/", leaving.data, name="data"),
    path("partner/data/<int:pk>/", leaving.data_download, name="data_download"),
    path("partner/<int:partner_pk>/leave/", leaving.leave, name="leave"),
    path("partner/<int:partner_pk>/members/", members.members, name="members"),
    path("partner/<int:partner_pk>/members/invite/", members.invite, name="invite"),
    path("partner/<int:partner_pk>/members/leave/", members.members_leave, name="members_leave"),
    path("partner/<int:partner_pk>/members/hand-over/", members.hand_over, name="hand_over"),
    path("partner/<int:partner_pk>/members/<int:pk>/", members.member, name="member"),
    path("partner/<int:partner_pk>/members/<int:pk>/remove/", members.member_remove, name="member_remove"),
    path("partner/<int:partner_pk>/invitations/<int:pk>/resend/", members.invitation_resend, name="invitation_resend"),
    path(
        "partner/<int:partner_pk>/invitations/<int:pk>/take-back/", members.invitation_revoke, name="invitation_revoke"
    ),
    path("invitations/<slug:token>/", invitations.invitation, name="invitation"),
    path("partner/<int:partner_pk>/declaration/", declaration.declaration, name="declaration"),
    path("partner/signatures/<int:pk>/pdf/", declaration.declaration_pdf, name="declaration_pdf"),
    path("partner/<int:partner_pk>/organisation/", organisation.organisation, name="organisation"),
    path("partner/<int:partner_pk>/organisation/logo/", organisation.logo_upload, name="logo_upload"),
    path("partner/<int:partner_pk>/organisation/logo/remove/", organisation.logo_remove, name="logo_remove"),
    path("partner/<int:partner_pk>/brand/", brand.brand, name="brand"),
    path("partner/brand/<int:pk>/", files.brand_file, name="brand_file"),
    # Public pages; the detail page comes last: its address is any slug (reserved ones: slugs.RESERVED)
    path("partners/", directory.directory, name="directory"),
    path("partners/signatories/", directory.signatories, name="signatories"),
    path("partners/logo/<str:name>", files.logo, name="logo"),
    path("partners/<slug:slug>/", directory.detail, name="detail"),
    path("partners/<slug:slug>/write/", contact.write, name="write"),
]
