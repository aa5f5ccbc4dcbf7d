"""Every write about schools, teachers and bookings."""
