"""What partners offer: kinds and their rules, activities, sessions, subjects, competence goals and pledges."""

from stemportal.activities.models.activity import GRADES, WORKING_DAY_MINUTES, Activity, ActivityQuerySet, Language
from stemportal.activities.models.curriculum import CurriculumPlan, Goal
from stemportal.activities.models.kinds import Kind, Subject
from stemportal.activities.models.pledges import Pledge
from stemportal.activities.models.session import Session, SessionQuerySet

__all__ = [
    "GRADES",
    "WORKING_DAY_MINUTES",
    "Activity",
    "ActivityQuerySet",
    "CurriculumPlan",
    "Goal",
    "Kind",
    "Language",
    "Pledge",
    "Session",
    "SessionQuerySet",
    "Subject",
]
