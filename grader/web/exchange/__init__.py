"""Variants in the formats of other systems, with a report of what those formats cannot say."""
