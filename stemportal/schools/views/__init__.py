"""Pages of the school's side and of bookings, one file per family."""
