"""
The query language, read: a statement in, a frozen `Query` out, or the vendor's syntax error.

    SELECT * | count(*) FROM Entity [WHERE p op v [AND …]] [ORDERBY p [ASC|DESC] [, …]]
    [STARTPOSITION n] [MAXRESULTS n]

Keywords are case-insensitive. Texts stand in single quotes, with `\\'` for a quote within; numbers
must be quoted too; only true, false and CURRENT_DATE stand bare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from ledgerbridge.sandbox.quickbooks.faultbodies import Refused

PAGE_SIZE = 100
PAGE_SIZE_MAX = 1000
CONDITIONS_MAX = 200
VALUES_MAX = 2000
STATEMENT_LENGTH_MAX = 65536

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<STRING>'(?:[^'\\]|\\.)*')
    | (?P<NUMBER>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<IDENTIFIER>[A-Za-z_][\w.]*)
    | (?P<SYMBOL><=|>=|!=|[=<>(),*])
    | (?P<OTHER>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = {
    "select", "from", "where", "and", "or", "in", "like", "orderby", "order", "by", "asc", "desc",
    "startposition", "maxresults", "count", "true", "false", "current_date", "group", "join",
}  # fmt: skip
_OPERATORS = {"=", "<", ">", "<=", ">=", "!="}


@dataclass(frozen=True, slots=True)
class Condition:
    """`property operator values`; only IN has more or fewer than one value."""

    property: str
    operator: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A statement as written: nothing in it is checked against the entity yet."""

    entity: str
    counts: bool
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start_position: int = 1
    page_size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Walks over the tokens of one statement."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self.tokens = _tokens(statement)
        self.position = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.position]

    def keyword(self) -> str:
        """The next token in lower case, or nothing where it is a text in quotes."""
        return "" if self.next.kind == "STRING" else self.next.text.lower()

    def take(self) -> _Token:
        token = self.next
        if token.kind != "EOF":
            self.position += 1
        return token

    def accept(self, *keywords: str) -> bool:
        """Takes the next token where it is one of these keywords or symbols."""
        if self.next.kind != "EOF" and self.keyword() in keywords:
            self.position += 1
            return True
        return False

    def expect(self, keyword: str) -> None:
        if not self.accept(keyword):
            self.fail()

    def fail(self) -> NoReturn:
        """Raises the parser's error for the token where it stands."""
        raise Refused("4000", f"QueryParserError: {_encountered(self.next, self.statement)}")


def parse(statement: str) -> Query:
    """The statement read; raises Refused (4000, or 4001 for positions out of range)."""
    if len(statement) > STATEMENT_LENGTH_MAX:
        raise Refused("4000", "QueryParserError: The statement is too long")
    reader = _Reader(statement)
    reader.expect("select")
    counts = _projection(reader)
    reader.expect("from")
    if reader.next.kind != "IDENTIFIER":
        reader.fail()
    entity = reader.take().text
    conditions = _conditions(reader) if reader.accept("where") else ()
    order = _order(reader)
    start, size = 1, PAGE_SIZE
    while reader.next.kind != "EOF":
        if reader.accept("startposition"):
            start = _bounded(reader, 10**9)
        elif reader.accept("maxresults"):
            size = _bounded(reader, PAGE_SIZE_MAX)
        else:
            reader.fail()
    return Query(entity, counts, conditions, order, start, size)


def _projection(reader: _Reader) -> bool:
    """True for count(*). `*`, `*, Sku` and nothing at all mean whole records."""
    if reader.accept("count"):
        for symbol in "(*)":
            reader.expect(symbol)
        return True
    if reader.accept("*"):
        while reader.accept(","):
            if reader.next.kind != "IDENTIFIER":
                reader.fail()
            reader.take()
    return False


def _conditions(reader: _Reader) -> tuple[Condition, ...]:
    conditions = [_condition(reader)]
    while reader.accept("and"):
        conditions.append(_condition(reader))
        if len(conditions) > CONDITIONS_MAX:
            reader.fail()
    return tuple(conditions)


def _condition(reader: _Reader) -> Condition:
    if reader.next.kind != "IDENTIFIER" or reader.keyword() in _KEYWORDS:
        reader.fail()
    name = reader.take().text
    if reader.accept("in"):
        return Condition(name, "in", _values(reader))
    if reader.accept("like"):
        if reader.next.kind != "STRING":
            reader.fail()
        return Condition(name, "like", (_value(reader),))
    if reader.next.text not in _OPERATORS:
        reader.fail()
    operator = reader.take().text
    return Condition(name, operator, (_value(reader),))


def _values(reader: _Reader) -> tuple[str | bool, ...]:
    reader.expect("(")
    values = [_value(reader)]
    while reader.accept(","):
        values.append(_value(reader))
        if len(values) > VALUES_MAX:
            reader.fail()
    reader.expect(")")
    return tuple(values)


def _value(reader: _Reader) -> str | bool:
    if reader.next.kind == "STRING":
        return re.sub(r"\\(.)", r"\1", reader.take().text[1:-1], flags=re.DOTALL)
    if reader.accept("true"):
        return True
    if reader.accept("false"):
        return False
    if not reader.accept("current_date"):
        reader.fail()
    return "CURRENT_DATE"


def _order(reader: _Reader) -> tuple[tuple[str, bool], ...]:
    """Pairs of a property and whether it descends."""
    if reader.accept("order"):
        reader.expect("by")
    elif not reader.accept("orderby"):
        return ()
    order = []
    while True:
        if reader.next.kind != "IDENTIFIER" or reader.keyword() in _KEYWORDS:
            reader.fail()
        name = reader.take().text
        descends = reader.accept("desc")
        if not descends:
            reader.accept("asc")
        order.append((name, descends))
        if not reader.accept(","):
            return tuple(order)


def _bounded(reader: _Reader, largest: int) -> int:
    token = reader.next
    if token.kind != "NUMBER" or "." in token.text or len(token.text) > 12:
        reader.fail()
    value = int(reader.take().text)
    if value < 1:
        detail = f"QueryValidationError: value {value} is too small. Min allowed value is 1"
        raise Refused("4001", detail)
    if value > largest:
        detail = f"value {value} is too large. Max allowed value is {largest}"
        raise Refused("4001", f"QueryValidationError: {detail}")
    return value


def _tokens(statement: str) -> list[_Token]:
    tokens = []
    position = 0
    while found := _TOKEN.match(statement, position):
        kind = found.lastgroup or "OTHER"
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        position = found.end()
    return [*tokens, _Token("EOF", "", len(statement))]


def _encountered(token: _Token, statement: str) -> str:
    line = statement.count("\n", 0, token.at) + 1
    column = token.at - statement.rfind("\n", 0, token.at)
    if token.kind == "EOF":
        return f'Encountered "<EOF>" at line {line}, column {column}.'
    word = token.text[:100]
    kind = f"<{token.kind}>" if token.kind in {"IDENTIFIER", "STRING", "NUMBER"} else f'"{word}"'
    if word.lower() in _KEYWORDS:
        kind = f'"{word.upper()}"'
    return f'Encountered " {kind} "{word} "" at line {line}, column {column}.'
