"""Servers that come as wheels (PostgreSQL, Valkey), the SMTP sink and the supervisor behind `make run`.

Nothing in here imports Django: the supervisor starts Django, not the other way round.
"""
