"""Every write of newsletters, one file a matter."""
