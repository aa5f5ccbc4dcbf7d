"""What partners offer: kinds and their rules, activities, sessions, role models, curricula, and what teachers keep."""

from stemportal.activities.models.activity import (
    GRADES,
    WORKING_DAY_MINUTES,
    AccessFeature,
    Activity,
    ActivityQuerySet,
    Language,
    format_label,
)
from stemportal.activities.models.curriculum import CurriculumPlan, Goal
from stemportal.activities.models.deeds import FilmPlays, OwnWord
from stemportal.activities.models.files import ActivityFile, ActivityImage, ActivityTemplate, PendingEdit
from stemportal.activities.models.kinds import Kind, Subject
from stemportal.activities.models.pledges import Pledge
from stemportal.activities.models.role_models import RoleModel, RoleModelConsent, RoleModelQuerySet
from stemportal.activities.models.saved import Favourite, SavedSearch, UnmetSearch, search_address
from stemportal.activities.models.series import WEEKDAYS, Availability, SessionSeries
from stemportal.activities.models.session import Session, SessionQuerySet

__all__ = [
    "GRADES",
    "WEEKDAYS",
    "WORKING_DAY_MINUTES",
    "AccessFeature",
    "Activity",
    "ActivityFile",
    "ActivityImage",
    "ActivityQuerySet",
    "ActivityTemplate",
    "Availability",
    "CurriculumPlan",
    "Favourite",
    "FilmPlays",
    "Goal",
    "Kind",
    "Language",
    "OwnWord",
    "PendingEdit",
    "Pledge",
    "RoleModel",
    "RoleModelConsent",
    "RoleModelQuerySet",
    "SavedSearch",
    "Session",
    "SessionQuerySet",
    "SessionSeries",
    "Subject",
    "UnmetSearch",
    "search_address",
    "format_label",
]
