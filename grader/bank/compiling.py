"""From a file of the right form to a problem: its mathematics read, its names resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from grader.bank.conditions import Condition
from grader.bank.drawing import Parameter
from grader.bank.figures import Plan, compile_figures
from grader.bank.fragments import FOLDER
from grader.bank.maths import Maths
from grader.bank.naming import DERIVED, PARAMETER, SYMBOL, VARIABLE, declared_names, first_cycle
from grader.bank.parameters import Drawables
from grader.bank.parts import compile_examples, compile_known_cases, compile_parts
from grader.bank.problem import Problem, Quantity, names_of
from grader.bank.schema import ProblemFile, SolutionFile, VariableFile
from grader.bank.source import Document, Path
from grader.bank.tasks import WORD_TASKS, compile_quantity
from grader.bank.templates import Steps, Template
from grader.bank.wording import ENGLISH
from grader.checking.domain import Domain
from grader.errors import AnswerError, BankError, InvalidRequest
from grader.reading.names import Vocabulary, canonical
from grader.reading.tree import Tree, names_in


def version_of(source: str) -> str:
    """The content hash of a problem's text, the same whatever its line endings."""
    return sha256(source.replace("\r\n", "\n").encode()).hexdigest()


def compile_problem(spec: ProblemFile, document: Document, source: str) -> tuple[Problem | None, list[BankError]]:
    """The problem, or None where there are faults; all faults."""
    errors: list[BankError] = []
    compiler = _Compiler(spec, document, errors)
    problem = compiler.problem(source)
    return (None if errors else problem), errors


class _Compiler:
    """Works through a file from top to bottom, reporting every fault and going on."""

    def __init__(self, spec: ProblemFile, document: Document, errors: list[BankError]) -> None:
        self.spec, self.document, self.errors = spec, document, errors
        self.names = declared_names(document, errors)
        self.variables = {canonical(name): _domain_json(file) for name, file in spec.variables.items()}
        self.notation: dict[str, Any] = {name: True for name, value in spec.notation.model_dump().items() if value}
        domain = self._domain()
        fragments = {
            name: ((FOLDER, name, "text"), file.text) for name, file in spec.fragments.items() if file.text is not None
        }
        vocabulary = self._vocabulary(domain)
        self.maths = Maths(document, errors, self.names, vocabulary, domain, fragments=fragments)

    def problem(self, source: str) -> Problem:
        """The problem, sound only if no fault was reported."""
        spec, maths = self.spec, self.maths
        self._find_words()
        parameters = dict(self._parameters())
        derived = self._derived()
        conditions = tuple(self._conditions())
        return Problem(
            id=spec.id,
            version=version_of(source),
            title=spec.title if isinstance(spec.title, str) else spec.title[ENGLISH],
            topic=spec.topic,
            family=spec.family,
            level=spec.level,
            file=self.document.file,
            source=source,
            document=self.document,
            variables=self.variables,
            notation=self.notation,
            vocabulary=maths.vocabulary,
            parameters=parameters,
            conditions=conditions,
            derived=derived,
            prompt=maths.template(spec.prompt, ("prompt",)),
            parts=compile_parts(spec, maths),
            hints=tuple(maths.template(hint, ("hints", place)) for place, hint in enumerate(spec.hints)),
            solution=self._solution(),
            figures=compile_figures(spec.figures, ("figures",), maths),
            solution_figures=self._solution_figures(),
            examples=compile_examples(spec, maths, parameters),
            known_cases=compile_known_cases(spec, maths, parameters),
            titles={} if isinstance(spec.title, str) else spec.title,
        )

    def _solution(self) -> Template:
        """The worked solution: its text, and after it the derivations that it asks for."""
        given = self.spec.solution
        if not isinstance(given, SolutionFile):
            return self.maths.template(given, ("solution",))
        text = self.maths.template(given.text, ("solution", "text"))
        steps = []
        for place, name in enumerate(given.steps):
            path: Path = ("solution", "steps", place)
            if not isinstance(self.document.value(("solution", "steps")), list):
                path = path[:-1]
            try:
                steps.append(Steps(self.maths.derivation(name)))
            except AnswerError as error:
                self.maths.fault(path, error.message, error.repair)
        others = {language: Template((*other.pieces, *steps)) for language, other in text.translations.items()}
        return Template((*text.pieces, *steps), others)

    def _solution_figures(self) -> tuple[Plan, ...]:
        given = self.spec.solution
        figures = given.figures if isinstance(given, SolutionFile) else ()
        return compile_figures(figures, ("solution", "figures"), self.maths)

    def _domain(self) -> Domain:
        """Where the variables lie; a domain that makes no sense is a fault."""
        try:
            return Domain.of(self.variables)
        except InvalidRequest:
            pass
        sound: dict[str, Any] = {}
        for name, declaration in self.variables.items():
            try:
                Domain.of({name: declaration})
                sound[name] = declaration
            except InvalidRequest as error:
                path = (*self.names.path(name), *error.field.split(".")[2:])
                self.errors.append(self.document.error(path, error.message))
                sound[name] = {}
        return Domain.of(sound)

    def _vocabulary(self, domain: Domain) -> Vocabulary:
        """What an author may write: all names of the problem."""
        shapes: dict[str, tuple[int | str, ...]] = dict(domain.shapes)
        for name, file in self.spec.parameters.items():
            if file.matrix is not None:
                shapes[name] = tuple(file.matrix.shape)
            elif file.vector is not None:
                shapes[name] = (file.vector.length,)
        known = frozenset(self.names.roles)
        return Vocabulary(known, domain.functions, shapes, keep_label=True, **self.notation)

    def _find_words(self) -> None:
        """Which quantities are words; a derived one may repeat another."""
        words = self.maths.words
        words.update(name for name, file in self.spec.parameters.items() if file.words is not None)
        for name, value in self.spec.derived.items():
            if isinstance(value, Mapping):
                if WORD_TASKS & set(value):
                    words.add(name)
            elif isinstance(value, str) and canonical(value.strip()) in words:
                words.add(name)

    def _parameters(self) -> Iterator[tuple[str, Parameter]]:
        drawables = Drawables(self.document, self.errors)
        allowed = {*self.names.of(VARIABLE, SYMBOL)}
        for name, file in self.spec.parameters.items():
            if self.names.roles.get(name) != PARAMETER:
                continue

            def read_at(
                text: str, path: tuple[str | int, ...], allowed: frozenset[str] = frozenset(allowed)
            ) -> Tree | None:
                tree = self.maths.expression(text, path)
                for other in sorted(names_in(tree) - allowed) if tree is not None else ():
                    message = f"{other!r} is not drawn yet when this is."
                    self.maths.fault(path, message, "A choice may use variables, symbols and the parameters above it.")
                    return None
                return tree

            parameter = drawables.parameter(file, self.names.path(name), read_at)
            if parameter is not None:
                yield name, parameter
            allowed.add(name)

    def _derived(self) -> dict[str, Quantity]:
        found: dict[str, Quantity] = {}
        for name, value in self.spec.derived.items():
            if self.names.roles.get(name) != DERIVED:
                continue
            quantity = compile_quantity(value, self.names.path(name), self.maths)
            if quantity is not None:
                found[name] = quantity
        uses = {name: names_of(quantity) for name, quantity in found.items()}
        cycle = first_cycle({name: used & set(found) for name, used in uses.items()})
        if cycle:
            row = " -> ".join((*cycle, cycle[0]))
            message = f"{cycle[0]!r} depends on itself: {row}."
            self.maths.fault(self.names.path(cycle[0]), message, "Break the circle.")
        self._refuse_forward(uses, set(cycle))
        return found

    def _refuse_forward(self, uses: Mapping[str, frozenset[str]], reported: set[str]) -> None:
        order = {name: place for place, name in enumerate(uses)}
        for name, used in uses.items():
            for other in sorted(used & set(order) - reported, key=order.__getitem__):
                if order[other] > order[name]:
                    message = f"{name!r} uses {other!r}, which comes further down."
                    self.maths.fault(self.names.path(name), message, f"Move {other!r} above {name!r}.")

    def _conditions(self) -> Iterator[Condition]:
        for place, text in enumerate(self.spec.where):
            condition = self.maths.condition(text, ("where", place))
            if condition is not None:
                yield condition


def _domain_json(file: VariableFile) -> dict[str, Any]:
    """A domain as JSON, with decimals as the text that they are."""
    given = file.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(given.get("in"), list):
        given["in"] = [str(end) for end in given["in"]]
    return given
