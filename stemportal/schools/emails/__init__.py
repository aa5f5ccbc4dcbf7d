"""Mails about bookings and teachers, one function each, one file per matter."""
