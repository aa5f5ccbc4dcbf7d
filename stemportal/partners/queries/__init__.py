"""Reads about partners that cross models, one file per matter."""
