"""Two trees to a verdict with its evidence."""
