"""Forms of reports, one file a matter."""
