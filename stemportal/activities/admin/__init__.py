"""Offers on the secretariat's desk. Importing the modules registers their pages."""

from stemportal.activities.admin import activities, asked, curriculum, deeds, kinds, pledges, role_models, templates

__all__ = ["activities", "asked", "curriculum", "deeds", "kinds", "pledges", "role_models", "templates"]
