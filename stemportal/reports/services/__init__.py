"""Every write of reports, one file a matter."""
