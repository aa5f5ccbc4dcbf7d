"""Pages of reports, one file a family."""
