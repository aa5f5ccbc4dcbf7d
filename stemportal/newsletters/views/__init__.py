"""Pages of the newsletter: for people (public) and for mail programs (machine)."""
