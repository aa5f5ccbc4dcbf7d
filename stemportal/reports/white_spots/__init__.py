"""Where the country is white: schools nobody has met, the map of it, and what can be done about it."""
