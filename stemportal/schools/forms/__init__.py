"""What people type about schools and bookings, one file per matter."""
