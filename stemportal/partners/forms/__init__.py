"""Forms about partners, one file per page family."""
