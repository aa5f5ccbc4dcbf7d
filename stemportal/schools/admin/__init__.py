"""Schools and bookings on the desk of the secretariat. Importing the modules registers their pages."""

from stemportal.schools.admin import bookings, schools, teachers

__all__ = ["bookings", "schools", "teachers"]
