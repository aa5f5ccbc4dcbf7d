"""Pages that belong to no single app: the front page, what the portal is, health and errors."""
