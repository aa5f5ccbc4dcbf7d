"""Mails about partners, one function each, one file per matter."""
