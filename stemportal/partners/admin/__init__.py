"""The secretariat's desk for partners. Importing the modules registers their pages."""

from stemportal.partners.admin import declarations, partners

__all__ = ["declarations", "partners"]
