"""The desktop program: windows and views over :mod:`molphenix_core`."""
