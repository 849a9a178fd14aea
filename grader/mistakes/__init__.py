"""What a wrong answer says about the student: one rule broken, named only where it explains all of the answer."""

from grader.mistakes.catalogue import MISTAKES, Mistake

__all__ = ["BY_ID", "MISTAKES", "Mistake"]

BY_ID = {mistake.id: mistake for mistake in MISTAKES}
