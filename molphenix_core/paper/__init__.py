"""The published experiments on any plate files, as one report: ``molphenix paper``."""
