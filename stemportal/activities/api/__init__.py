"""Open data: what the portal's pages show, for programs. Read only, for everybody, without login or cookies."""
