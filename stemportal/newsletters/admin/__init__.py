"""Newsletters on the desk of the secretariat. Importing the modules registers their pages."""

from stemportal.newsletters.admin import deliveries, newsletters, subscribers

__all__ = ["deliveries", "newsletters", "subscribers"]
