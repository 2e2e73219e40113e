"""What the window shows, one view a file."""
