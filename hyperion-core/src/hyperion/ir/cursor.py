"""Going over the tokens of a text."""

from __future__ import annotations

from hyperion.errors import TypeCheckError
from hyperion.ir.diagnostics import MAX_DEPTH, Diagnostic, ErrorList, TooManyErrors, shortened
from hyperion.ir.lexer import END, LONGEST_NAME, LONGEST_STRING, Source, TokenKind, kind_of
from hyperion.ir.lookahead import begins_function


class Cursor:
    """A place among the tokens of a source, and the errors found up to it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = source.tokens
        self.at = 0
        self.depth = 0
        self.found = ErrorList()

    def accept(self, word: str) -> bool:
        """Steps over `word` where it comes next."""
        if self.tokens[self.at] != word:
            return False
        self.at += 1
        return True

    def take(self, word: str) -> int:
        """Steps over `word` and gives its index. Raises `TypeCheckError` (HY6001) where something else comes next."""
        at = self.at
        if self.tokens[at] != word:
            raise self.expected(f"`{word}`")
        self.at = at + 1
        return at

    def take_kind(self, kind: TokenKind, what: str) -> str:
        """Steps over a token of this kind and gives its text."""
        token = self.tokens[self.at]
        if kind_of(token) != kind:
            sign = {"value": "%", "function": "@"}.get(kind, "")
            named = sign and kind_of(token) == "name"
            raise self.expected(what, (f"write {sign}{shortened(token)}",) if named else ())
        self.at += 1
        return token

    def ends(self) -> bool:
        """Whether the text ends or another function begins here; what is open can go no further."""
        return self.tokens[self.at] == END or begins_function(self.tokens, self.at)

    def expected(self, what: str, hints: tuple[str, ...] = ()) -> TypeCheckError:
        """The error that something else stands at the cursor."""
        token = self.tokens[self.at]
        match kind_of(token):
            case "none" if token[0] == '"':
                return self.error("HY6001", "the string has no end on its line", hints=('close it with `"`',))
            case "none":
                return self.error("HY6001", f"`{token}` begins no token")
            case "end":
                return self.error("HY6001", f"expected {what}, found end of text", hints=hints)
            case _:
                return self.error("HY6001", f"expected {what}, found `{shortened(token)}`", hints=hints)

    def error(self, code: str, message: str, at: int | None = None, hints: tuple[str, ...] = ()) -> TypeCheckError:
        """An error at a token, or at the cursor."""
        return TypeCheckError(code, message, self.source.span(self.at if at is None else at), hints=hints)

    def report(self, error: Diagnostic) -> None:
        self.found.report(error)

    def enter(self) -> None:
        """One level deeper. Raises `TypeCheckError` (HY6003) past the limit."""
        if self.depth >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise self.error("HY6003", message, hints=("move the inner part to a function",))
        self.depth += 1

    def leave(self) -> None:
        self.depth -= 1

    def check_lengths(self) -> None:
        """Refuses a text with words past the limits, so that no message needs to mind how long one is."""
        if len(max(self.tokens, key=len)) <= LONGEST_NAME:
            return
        for at, token in enumerate(self.tokens):
            if len(token) <= LONGEST_NAME:
                continue
            match kind_of(token):
                case "string" if len(token) > LONGEST_STRING:
                    message = f"a string has {LONGEST_STRING} characters at most"
                    self.report(self.error("HY6022", message, at, ("keep long texts out of attributes",)))
                case "name" | "value" | "function":
                    message = f"{shortened(token)} is longer than {LONGEST_NAME} characters"
                    self.report(self.error("HY6005", message, at, ("choose a shorter name",)))
                case _:
                    pass
        if self.found.errors:
            raise TooManyErrors
