"""The mistakes that a problem knows beside the usual ones."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import BY_NAME
from grader.answers.base import Answer, Context, Settings, judge_response
from grader.bank.problem import Problem
from grader.bank.variant import Variant, VariantMistake, VariantPart
from grader.bank.variants import settings_of
from grader.checking.verdict import Outcome
from grader.errors import BankError
from grader.reading.printing import to_text


def own_mistake(part: VariantPart, settings: Settings, response: Answer, context: Context) -> VariantMistake | None:
    """The first of the part's own mistakes whose answer the response is."""
    return next((mistake for mistake in part.mistakes if _leads_to(mistake, part, settings, response, context)), None)


def _leads_to(
    mistake: VariantMistake, part: VariantPart, settings: Settings, response: Answer, context: Context
) -> bool:
    checked = judge_response(BY_NAME[part.type], response, mistake.answer, settings, context)
    return checked.verdict.outcome is Outcome.EQUAL


def right_mistakes(problem: Problem, variant: Variant) -> Iterator[BankError]:
    """The mistakes whose answer is right for these numbers, each at its place in the file."""
    for part in variant.parts:
        known = problem.part(part.id)
        if known is None or not part.mistakes:
            continue
        settings = settings_of(known, dict(part.options), part.settings)
        context = Context(part.domain, part.vocabulary)
        for source, mistake in zip(known.mistakes, part.mistakes, strict=True):
            as_key = VariantMistake(mistake.id, part.key, "")
            if _leads_to(as_key, part, settings, Answer(mistake.answer), context):
                message = f"The mistake {mistake.id!r} leads to the right answer here: {to_text(mistake.answer)[:60]}."
                repair = "Exclude such numbers with `where`."
                yield problem.document.error((*source.path, "answer"), message, repair)
