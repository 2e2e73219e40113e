"""The map: wells and library molecules in one scatter, drawn from arrays."""
