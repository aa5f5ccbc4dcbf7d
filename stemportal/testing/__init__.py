"""What the tests stand on: real servers, a real browser, the real portal. Loaded by pytest, never by the portal."""
