"""The part of an Open edX installation that its LTI consumer block asks for: people, courses, blocks, a gradebook."""
