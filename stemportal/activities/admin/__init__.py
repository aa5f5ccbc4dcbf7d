"""Offers on the secretariat's desk. Importing the modules registers their pages."""

from stemportal.activities.admin import activities, curriculum, kinds, pledges

__all__ = ["activities", "curriculum", "kinds", "pledges"]
