"""What reports read, one file a matter."""
