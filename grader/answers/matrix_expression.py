"""An expression over declared matrices, vectors and numbers, or an equation between two of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.answers.base import Answer, AnswerType, Checked, Context, Examples, Settings, read_tree
from grader.answers.entries import size_mismatch
from grader.answers.entry_arithmetic import ShapesDoNotFit
from grader.answers.matrix_notation import marked, plain_latex, plain_text, regrouped, typed_text
from grader.answers.tolerance import Amount, exact_amount
from grader.answers.wording import NOT_SCALAR, kind_words
from grader.checking.elaborating import Scope, elaborate
from grader.checking.matrix_calls import APPLIED
from grader.checking.matrix_equality import Comparer
from grader.checking.matrix_equations import decide_equations
from grader.checking.matrix_terms import Term, transposed, walk
from grader.checking.shapes import Misfit, Unknown, described, found, known, match, match_shapes, size_of
from grader.checking.verdict import Outcome, OutOfBudget, Proof, TypeMismatch, Verdict
from grader.errors import AnswerError
from grader.reading.names import Vocabulary
from grader.reading.printing import to_text
from grader.reading.text import Reading
from grader.reading.tree import Tree, literal_value, names_in

_SHAPED = frozenset({"vector", "matrix", "row"})
OTHER_LAYOUT = "This is the transpose of the answer: the same in the other layout."


@dataclass(frozen=True, slots=True)
class MatrixExpressionSettings(Settings):
    """`transpose_share` is the share of the points that the transpose of the answer earns."""

    transpose_share: Amount = 0

    def __post_init__(self) -> None:
        """A share is between 0 and 1; ValueError says so."""
        if not 0 <= exact_amount(self.transpose_share) <= 1:
            raise ValueError("transpose_share must be between 0 and 1.")


class MatrixExpressionType(AnswerType[MatrixExpressionSettings]):
    """Expressions over matrices whose shapes are declared; multiplication does not commute."""

    name = "matrix-expression"
    meaning = "an expression over matrices such as 2 A^T (A X - B)"
    settings = MatrixExpressionSettings

    def read(self, text: str, settings: MatrixExpressionSettings, context: Context) -> Answer:  # noqa: ARG002 - the same for all settings
        """The response as typed, with `I`, sizes and functions of matrices among the names."""
        vocabulary = _vocabulary(context)
        typed = typed_text(text) if context.notation == "text" else text
        plain = plain_text(typed, vocabulary) if context.notation == "text" else plain_latex(text)
        reading = read_tree(plain, replace(context, vocabulary=vocabulary))
        scope = Scope.of(context.domain.shapes)
        if reading.label is not None:
            reading = _with_label(plain, replace(context, vocabulary=replace(vocabulary, keep_label=True)), reading)
        tree = marked(reading.tree, typed, scope)
        _refuse_undeclared(tree, context)
        second = regrouped(tree) if reading.second is None else marked(reading.second, typed, scope)
        return Answer(tree, reading.notices, second)

    def key_fault(self, key: Tree, settings: MatrixExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """Only an expression or one equation can be the key."""
        if _is_equation(key) or key.kind not in NOT_SCALAR - _SHAPED:
            return ""
        return f"The answer is {kind_words(key)}, not a matrix expression."

    def check(self, response: Answer, key: Tree, settings: MatrixExpressionSettings, context: Context) -> Checked:
        """Equal for all matrices of the declared shapes; another shape is different, and both are named."""
        comparer = Comparer(context.domain, Scope.of(context.domain.shapes))
        fault = _fault_of_key(key, context)
        if fault:
            return Checked.whole(Verdict(Outcome.UNDECIDED, OutOfBudget(f"the answer itself cannot be used: {fault}")))
        try:
            if _is_equation(key):
                return self._check_equation(response.tree, key, comparer)
            return self._check_expression(response.tree, key, settings, comparer)
        except Misfit as error:
            raise ShapesDoNotFit(*_fields(error)) from None

    def show(self, tree: Tree, settings: MatrixExpressionSettings) -> str:  # noqa: ARG002 - the same for all settings
        """As typed, in plain notation."""
        return to_text(tree)

    def examples(self, key: Tree, settings: MatrixExpressionSettings) -> Examples:  # noqa: ARG002 - the same for all settings
        """The key with nothing added, or with all on one side; doubled, or half of an equation; a sign too many."""
        text = to_text(key)
        unreadable = (f"{text} +", f"({text}")
        if _is_equation(key):
            left, right = map(to_text, key.args)
            return Examples((text, f"{left} - ({right}) = 0"), (left, f"{{{left}, 1}}"), unreadable)
        return Examples((text, f"({text}) + 0"), (f"2*({text})", f"{{{text}, 1}}"), unreadable)

    def _check_expression(
        self, given: Tree, key: Tree, settings: MatrixExpressionSettings, comparer: Comparer
    ) -> Checked:
        tree = _without_label(given)
        if tree.kind in NOT_SCALAR - _SHAPED:
            verdict = Verdict(Outcome.INVALID, TypeMismatch("an expression", kind_words(tree)))
            return Checked.whole(verdict, (f"You gave {kind_words(tree)}; the answer is an expression.",))
        if tree == key:
            return Checked.whole(Verdict(Outcome.EQUAL, Proof("the same expression")))
        answer = elaborate(key, comparer.scope)
        response = elaborate(tree, comparer.scope)
        if response.is_scalar and not answer.is_scalar and _is_plain_number(tree, comparer.scope):
            verdict = Verdict(Outcome.INVALID, TypeMismatch(described(answer.shape), "a number"))
            return Checked.whole(verdict, (f"You gave a number; the answer is {described(answer.shape)}.",))
        response, answer = _zeros(tree, response, answer), _zeros(key, answer, response)
        # An identity of unknown size is a matrix, where the other is a number.
        fits = response.is_scalar == answer.is_scalar and match_shapes(response.shape, answer.shape)
        for term in (response, answer):
            _settle(term)
        if fits:
            verdict = comparer.decide(response, answer)
            if verdict.outcome is not Outcome.DIFFERENT:
                return Checked.whole(verdict)
        checked = Checked.whole(verdict) if fits else size_mismatch(described(answer.shape), described(response.shape))
        if self._is_transpose(response, answer, comparer):
            share = exact_amount(settings.transpose_share)
            feedback = (*checked.feedback, OTHER_LAYOUT)
            return replace(checked, share=share, feedback=feedback, mistake="transposed")
        return checked

    def _is_transpose(self, response: Term, answer: Term, comparer: Comparer) -> bool:
        turned = transposed(response)
        if turned is response or not match_shapes(turned.shape, answer.shape):
            return False
        return comparer.decide(turned, answer).outcome is Outcome.EQUAL

    def _check_equation(self, given: Tree, key: Tree, comparer: Comparer) -> Checked:
        if not _is_equation(given):
            verdict = Verdict(Outcome.INVALID, TypeMismatch("an equation", kind_words(given)))
            return Checked.whole(verdict, (f"You gave {kind_words(given)}; the answer is an equation.",))
        response, answer = (_difference(tree, comparer.scope) for tree in (given, key))
        for term in (response, answer):
            _settle(term)
        return Checked.whole(decide_equations(response, answer, comparer))


def _vocabulary(context: Context) -> Vocabulary:
    """The names of the problem, with the letters of shapes and those of identity matrices."""
    given = context.vocabulary
    if given.names is None:
        return given
    letters = Scope.of(context.domain.shapes).letters
    sizes = {size for shape in context.domain.shapes.values() for size in shape}
    extra = {"I", *letters, *(f"I_{size}" for size in sizes)}
    free = {name for name in extra if name not in given.names}
    return replace(given, names=given.names | free, functions=given.functions | APPLIED.keys() - given.names)


def _with_label(text: str, context: Context, reading: Reading) -> Reading:
    """The equation whose left side was taken for a label, where it can be read; `dL/dX =` cannot."""
    try:
        return read_tree(text, context)
    except AnswerError:
        return reading


def _refuse_undeclared(tree: Tree, context: Context) -> None:
    """Raise AnswerError where names occur and no shapes were declared."""
    if not context.domain.declared and names_in(tree):
        first = min(names_in(tree))
        raise AnswerError(f"The shape of {first} is not declared.", tree.start, tree.end, "Declare the variables.")


def _fault_of_key(key: Tree, context: Context) -> str:
    """Why the key itself has no shape; the response is not to blame for it."""
    scope = Scope.of(context.domain.shapes)
    try:
        if _is_equation(key):
            _difference(key, scope)
        else:
            elaborate(key, scope)
    except AnswerError as error:
        return str(error)
    return ""


def _fields(error: Misfit) -> tuple[str, int, int, str, str, str]:
    return error.message, error.start, error.end, error.repair, error.expected, error.found


def _is_equation(tree: Tree) -> bool:
    return tree.kind == "relation" and tree.value == "="


def _without_label(tree: Tree) -> Tree:
    """The right side of `X = …` where X is a name that does not occur in it."""
    if _is_equation(tree) and tree.args[0].kind == "name" and tree.args[0].value not in names_in(tree.args[1]):
        return tree.args[1]
    return tree


def _zeros(tree: Tree, term: Term, other: Term) -> Term:
    """A literal 0 as the zero matrix of the other's shape."""
    return Term("zero", other.shape) if literal_value(tree) == 0 and not other.is_scalar else term


def _is_plain_number(tree: Tree, scope: Scope) -> bool:
    """Whether no vector or matrix occurs, so that this cannot be one; 0 can be the zero matrix."""
    return literal_value(tree) != 0 and not names_in(tree) & scope.shapes.keys()


def _settle(term: Term) -> None:
    """Give sizes that nothing has fixed a letter of their own."""
    for dim in term.shape:
        if isinstance(found(dim), Unknown):
            match(dim, size_of("n"))
    if any(known(node.shape) is None for node in walk(term)):
        raise AnswerError("The size of I cannot be known here.", 0, 0, "Write I_n with its size.")


def _difference(tree: Tree, scope: Scope) -> Term:
    """Left side minus right side of an equation."""
    left, right = tree.args
    return elaborate(
        Tree("sum", (left, Tree("neg", (right,), "", right.start, right.end)), "", tree.start, tree.end), scope
    )
