"""How the secretariat's admin looks and what stands in its menu: in the order of the work, not of the alphabet."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _page(title: Any, icon: str, model: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}


def _stylesheet(request: Any) -> str:
    """Small mends of unfold for WCAG 2.2: targets of at least 24 pixels."""
    return static("css/admin.css")


def _name_of(request: Any) -> str:
    match = request.resolver_match
    return str(match.url_name) if match else ""


def _on_nudges(request: Any) -> bool:
    """Whether the page is the list of who was asked, or a row of it; the white spots have their addresses below it."""
    return _name_of(request) in {"reports_nudge_changelist", "reports_nudge_change"}


def _on_white_spots(request: Any) -> bool:
    return _name_of(request).startswith("reports_nudge_") and not _on_nudges(request)


MENU: list[dict[str, Any]] = [
    {
        "items": [
            {"title": _("What waits"), "icon": "inbox", "link": reverse_lazy("admin:index")},
        ],
    },
    {
        "title": _("Partners"),
        "separator": True,
        "items": [
            _page(_("Partners"), "handshake", "partners_partner"),
            _page(_("Notes"), "sticky_note_2", "partners_note"),
            _page(_("Proposals from the register"), "rule", "partners_registerproposal"),
            _page(_("Comparisons with the register"), "sync", "partners_registerrun"),
            _page(_("Imports"), "upload", "partners_partnerimport"),
            _page(_("Activities"), "explore", "activities_activity"),
            _page(_("Looked for, not found"), "search_off", "activities_unmetsearch"),
            _page(_("Role models"), "record_voice_over", "activities_rolemodel"),
            _page(_("Declarations"), "signature", "partners_declaration"),
            _page(_("Copies of data"), "folder_zip", "partners_dataexport"),
            _page(_("Logos and texts"), "palette", "partners_brandmaterial"),
            _page(_("Engagement levels"), "stairs", "partners_level"),
            _page(_("Pledges"), "volunteer_activism", "activities_pledge"),
            _page(_("Partners' own word"), "front_hand", "activities_ownword"),
        ],
    },
    {
        "title": _("Schools"),
        "separator": True,
        "items": [
            _page(_("Bookings"), "event_available", "schools_booking"),
            _page(_("Feedback"), "reviews", "schools_feedback"),
            {
                "title": _("Open requests by age"),
                "icon": "hourglass",
                "link": reverse_lazy("admin:schools_booking_overview"),
            },
            {
                "title": _("Schools without any booking"),
                "icon": "location_searching",
                "link": reverse_lazy("admin:schools_booking_unseen"),
            },
            _page(_("Wishes"), "volunteer_activism", "schools_wish"),
            _page(_("Regional coordinators"), "map", "schools_regionalcoordinator"),
            _page(_("Teachers"), "school", "schools_teacher"),
            _page(_("Schools"), "location_city", "schools_school"),
            _page(_("Changes from the school register"), "published_with_changes", "schools_schoolchange"),
            _page(_("Imports from the school register"), "sync", "schools_schoolregisterrun"),
            _page(_("School owners' mail domains"), "alternate_email", "schools_ownerdomain"),
            _page(_("Money for journeys"), "directions_bus", "schools_transportgrant"),
            _page(_("Pots"), "savings", "schools_grantpot"),
            _page(_("Ledger"), "receipt_long", "schools_ledgerentry"),
            _page(_("Transport rates"), "price_change", "schools_transportrate"),
        ],
    },
    {
        "title": _("The network"),
        "separator": True,
        "items": [
            _page(_("News and stories"), "article", "network_story"),
            _page(_("Ecosystems"), "hub", "network_ecosystem"),
            _page(_("Input"), "lightbulb", "network_input"),
            _page(_("Hearings"), "campaign", "network_hearing"),
            _page(_("Recommendations"), "fact_check", "network_recommendation"),
            _page(_("Meetings"), "event", "network_meeting"),
            _page(_("Working groups"), "groups", "network_workinggroup"),
            _page(_("Members of working groups"), "group_add", "network_groupmember"),
            _page(_("Posts in working groups"), "forum", "network_post"),
            _page(_("Documents of working groups"), "folder_open", "network_groupdocument"),
        ],
    },
    {
        "title": _("Reach out"),
        "separator": True,
        "items": [
            _page(_("Newsletters"), "newspaper", "newsletters_newsletter"),
            _page(_("Subscribers"), "group", "newsletters_subscriber"),
            _page(_("Topics of newsletters"), "interests", "newsletters_interest"),
            _page(_("Words of the consent"), "task_alt", "newsletters_consenttext"),
            _page(_("Mails of newsletters"), "outgoing_mail", "newsletters_delivery"),
            _page(_("Returned mail"), "unsubscribe", "newsletters_bounce"),
            _page(_("Mails"), "mail", "outbox_mail"),
        ],
    },
    {
        "title": _("Reports"),
        "separator": True,
        "items": [
            _page(_("Radar"), "radar", "reports_radarday"),
            {
                "title": _("White spots"),
                "icon": "map",
                "link": reverse_lazy("admin:reports_nudge_whitespots"),
                "active": _on_white_spots,
            },
            _page(_("Figures"), "monitoring", "schools_visit"),
            _page(_("Report runs"), "picture_as_pdf", "reports_reportrun"),
            _page(_("Partner reports"), "description", "reports_partnerreport"),
            _page(_("Programme reports"), "auto_stories", "reports_programmereport"),
            _page(_("Targets"), "flag", "reports_target"),
            _page(_("Who was asked to act"), "campaign", "reports_nudge") | {"active": _on_nudges},
            _page(_("Exports"), "download", "reports_export"),
        ],
    },
    {
        "title": _("Set up"),
        "separator": True,
        "collapsible": True,
        "items": [
            _page(_("Reasons for declining"), "unsubscribe", "partners_declinereason"),
            _page(_("Kinds of activity"), "category", "activities_kind"),
            _page(_("Rules for bookings"), "timer", "schools_bookingrules"),
            _page(_("Templates for offers"), "draft", "activities_activitytemplate"),
            _page(_("Subjects"), "menu_book", "activities_subject"),
            _page(_("Curricula"), "library_books", "activities_curriculumplan"),
            _page(_("Competence goals"), "checklist", "activities_goal"),
            _page(_("School holidays"), "beach_access", "places_schoolholiday"),
            _page(_("Counties"), "map", "places_county"),
            _page(_("People"), "person", "accounts_user"),
            _page(_("Groups"), "groups", "auth_group"),
        ],
    },
]


def configure(name: str) -> dict[str, Any]:
    """Return unfold's settings."""
    return {
        "SITE_TITLE": name,
        "SITE_HEADER": name,
        "SITE_SUBHEADER": _("Secretariat"),
        "SITE_SYMBOL": "potted_plant",
        "SITE_URL": "/",
        "SHOW_LANGUAGES": False,
        "SHOW_VIEW_ON_SITE": True,
        "BORDER_RADIUS": "8px",
        # The portal's own fjord blue, from light to dark.
        "COLORS": {
            "primary": {
                "50": "#eef5f6",
                "100": "#dcebed",
                "200": "#b7d3d8",
                "300": "#8ab8c0",
                "400": "#84bcc6",
                "500": "#5aa5b2",
                "600": "#005a6b",
                "700": "#004a58",
                "800": "#003a46",
                "900": "#002d37",
                "950": "#001d24",
            }
        },
        "STYLES": [_stylesheet],
        "ENVIRONMENT": "stemportal.context.admin_environment",
        "DASHBOARD_CALLBACK": "stemportal.context.admin_dashboard",
        "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": MENU},
    }
