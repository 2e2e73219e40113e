"""Molecule libraries, search among them, and the ranking of wells."""
