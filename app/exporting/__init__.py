"""Saving what views show: tables, pictures, and where to."""
