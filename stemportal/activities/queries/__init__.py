"""Reads about activities that cross models, one file per matter. The search stands in ``finding``."""
