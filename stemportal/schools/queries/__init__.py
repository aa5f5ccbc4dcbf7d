"""Reads about schools and bookings that cross models, one file per matter."""
