"""What visitors ask of the search, from the address of a page to the cards and sentences they read."""
