"""Exports: tables for those who calculate further, and archives of the whole installation."""
