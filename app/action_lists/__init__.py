"""The commands, one file a menu."""
