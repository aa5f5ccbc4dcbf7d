"""The secretariat's radar: what goes wrong quietly, and what to do about it."""
