"""Jumps become state: break, continue, else on a loop, and a return inside a loop.

rewrite:
    for x in xs:                   <done> = False
        A                          for x in xs:
        if c:                          if <done>:
            B                              pass
            break              -->     else:
        C                                  A
    else:                                  if c: B; <done> = True
        D                                  else: C
    E                              if not <done>: D
                                   E

The flag absorbs: a turn after the exit changes nothing, reads nothing and cannot trap. A return sets a flag and, unless
its value can be formed after the loop, the values returned; after the loop stands `if <returned>: return ...`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from hyperion_python.hidden import DONE, RESULT, RETURNED, Hole, branch, hidden_name, load, negated, store, truth
from hyperion_python.liveness import Names, assigned, before, used
from hyperion_python.refusals import refuse
from hyperion_python.source import SourceFunction

Loop = ast.For | ast.While
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


@dataclass(slots=True)
class _Returns:
    """The returns of one outermost loop: the value after it, and the names that carry it (none where it is formed
    after the loop)."""

    flag: str
    value: ast.expr
    results: tuple[str, ...]


@dataclass(slots=True)
class _Inside:
    """The loop whose body is rewritten. `left` is a flag of one turn, where a test of `done` is not enough."""

    done: str | None
    returns: _Returns | None
    continues: bool
    left: str | None = None
    wanted: bool = False  # the rest of a block depends on whether a jump was taken


def without_jumps(source: SourceFunction) -> list[ast.stmt]:
    """The body of a function without break, continue, else on loops, and return inside loops.

    Raises TypeCheckError HY6110 for a return in a loop that has no value, or as many values as no other one.
    """
    arguments = source.node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return _Rewriting(source).block(source.node.body, None, frozenset(names))


class _Rewriting:
    """Rewrites the blocks of one function. `bound` are names that are surely assigned."""

    def __init__(self, source: SourceFunction) -> None:
        self.source = source
        self._names = 0

    def _fresh(self, stem: str) -> str:
        self._names += 1
        return hidden_name(stem, self._names)

    def block(self, statements: Sequence[ast.stmt], inside: _Inside | None, bound: Names) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for position, node in enumerate(statements):
            rest = statements[position + 1 :]
            match node:
                case ast.Break() | ast.Continue() | ast.Return() if inside is not None:
                    return [*done, *self._jump(node, inside)]
                case ast.If() if inside is not None and _jumps(node):
                    return [*done, *self._if(node, rest, inside, bound)]
                case ast.If():
                    then, otherwise = (self.block(b, inside, bound) for b in (node.body, node.orelse))
                    done.append(ast.copy_location(ast.If(node.test, then, otherwise), node))
                case ast.For() | ast.While():
                    return [*done, *self._loop(node, rest, inside, bound)]
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    bound |= _stored(node)
                    done.append(node)
                case _:
                    done.append(node)
        return done

    def _jump(self, node: ast.Break | ast.Continue | ast.Return, inside: _Inside) -> list[ast.stmt]:
        if isinstance(node, ast.Continue):
            return _leave([], inside, node)
        if isinstance(node, ast.Break):
            return _leave([inside.done], inside, node)
        returns = inside.returns
        assert returns is not None and node.value is not None
        flags = _leave([returns.flag, inside.done], inside, node)
        match returns.results:
            case ():
                return flags
            case (result,):
                return [store(result, node.value, node), *flags]
            case results:
                targets = ast.copy_location(ast.Tuple([_target(n, node) for n in results], ast.Store()), node)
                return [ast.copy_location(ast.Assign([targets], node.value), node), *flags]

    def _if(self, node: ast.If, rest: Sequence[ast.stmt], inside: _Inside, bound: Names) -> list[ast.stmt]:
        """An if of which a branch may jump: what follows goes into the branch that goes on."""
        then, otherwise = list(node.body), list(node.orelse)
        ends = [_always_jumps(b) for b in (then, otherwise)]
        follows: Sequence[ast.stmt] = ()
        if ends == [True, False]:
            otherwise += rest
        elif ends == [False, True]:
            then += rest
        elif ends == [False, False]:
            follows = rest
        bodies = [self.block(b, inside, bound) for b in (then, otherwise)]
        result = [branch(node.test, bodies[0], bodies[1], node)]
        if follows:
            unassigned = sorted((_assigned_unless_left([node]) or frozenset()) - bound - before(node, frozenset()))
            result = [*(store(n, ast.copy_location(Hole(), node), node) for n in unassigned), *result]
            inside.wanted |= inside.continues
            flag = inside.left or inside.done
            if flag is not None:
                result.append(branch(load(flag, node), [], self.block(follows, inside, bound), node))
        return result

    def _loop(self, node: Loop, rest: Sequence[ast.stmt], outer: _Inside | None, bound: Names) -> list[ast.stmt]:
        """A loop and the rest of its block."""
        returning = [n for s in node.body for n in _own(s, deep=True) if isinstance(n, ast.Return)]
        breaking, endless = _has(node.body, ast.Break), _is_endless(node)
        result: list[ast.stmt] = []
        returns = outer.returns if outer is not None else None
        if returning and returns is None:
            returns = self._plan(returning, bound)
            result += [store(n, ast.copy_location(Hole(), node), node) for n in returns.results]
            result.append(store(returns.flag, truth(False, node), node))
        if not returning:
            returns = None
        done = returns.flag if returns is not None else None
        if breaking:
            done = self._fresh(DONE)
            result.append(store(done, truth(False, node), node))
        if breaking and (endless or _always_jumps(node.orelse)):
            sure = _surely_assigned(node) - bound
            result += [store(n, ast.copy_location(Hole(), node), node) for n in sorted(sure)]
            bound |= sure
        result.append(self._with_body(node, _Inside(done, returns, _has(node.body, ast.Continue)), bound))
        if returns is not None and endless and not breaking:
            return [*result, *(_passed_on(outer, node) if outer else [_return(returns, returning[0])])]
        skipped = branch(load(done, node), [], node.orelse, node) if breaking and done and node.orelse else None
        following = [skipped, *rest] if skipped is not None else [*node.orelse, *rest]
        if returns is None:
            return [*result, *self.block(following, outer, bound)]
        test = load(returns.flag, node)
        if outer is None:
            after = branch(test, [_return(returns, returning[0])], [], node)
            return [*result, after, *self.block(following, None, bound)]
        return [*result, branch(test, _passed_on(outer, node), self.block(following, outer, bound), node)]

    def _with_body(self, node: Loop, inside: _Inside, bound: Names) -> ast.stmt:
        """The loop with its body rewritten, which does nothing once the flag is set."""
        body = self.block(node.body, inside, bound)
        if inside.wanted:
            inside.left = self._fresh("left")
            body = [store(inside.left, truth(False, node), node), *self.block(node.body, inside, bound)]
        flag = inside.done
        if isinstance(node, ast.For):
            body = body if flag is None else [branch(load(flag, node), [], body, node)]
            return ast.copy_location(ast.For(node.target, node.iter, body, []), node)
        test = node.test
        if flag is not None:
            goes_on = negated(load(flag, test), test)
            test = goes_on if _is_endless(node) else ast.copy_location(ast.BoolOp(ast.And(), [goes_on, test]), test)
        return ast.copy_location(ast.While(test, body, []), node)

    def _plan(self, returning: Sequence[ast.Return], bound: Names) -> _Returns:
        """Where all returns of a loop give one expression over names that the loop carries on, it is formed after the
        loop: the flag keeps what they hold."""
        flag, first = self._fresh(RETURNED), returning[0]
        counts: set[int] = set()
        for node in returning:
            if node.value is None:
                refuse("HY6110", "a return without a value is not taken", self.source.span(node),
                       hint="return a number or an array")  # fmt: skip
            counts.add(len(node.value.elts) if isinstance(node.value, ast.Tuple) else 1)
        if len(counts) > 1:
            refuse("HY6110", "the returns of one loop have different numbers of values", self.source.span(first),
                   hint="return as many values everywhere")  # fmt: skip
        assert first.value is not None
        local = assigned(self.source.node.body)
        alike = len({ast.dump(n.value) for n in returning if n.value is not None}) == 1
        if alike and all(n in bound or n not in local for n in used(first.value)):
            return _Returns(flag, first.value, ())
        results = tuple(self._fresh(RESULT) for _ in range(counts.pop()))
        values = [load(n, first) for n in results]
        value = ast.copy_location(ast.Tuple(values, ast.Load()), first) if len(values) != 1 else values[0]
        return _Returns(flag, value, results)


def _leave(flags: Sequence[str | None], inside: _Inside, at: ast.AST) -> list[ast.stmt]:
    """Sets the flags, and the one of the turn."""
    return [store(f, truth(True, at), at) for f in dict.fromkeys((*flags, inside.left)) if f is not None]


def _target(name: str, at: ast.AST) -> ast.expr:
    return ast.copy_location(ast.Name(name, ast.Store()), at)


def _passed_on(outer: _Inside, at: ast.AST) -> list[ast.stmt]:
    """What an outer loop does after an inner one returned."""
    assert outer.returns is not None
    return _leave([outer.done] if outer.done != outer.returns.flag else [], outer, at)


def _return(returns: _Returns, at: ast.Return) -> ast.stmt:
    return ast.copy_location(ast.Return(returns.value), at)


def _own(node: ast.AST, *, deep: bool) -> Iterator[ast.AST]:
    """The nodes of a statement; those of inner loops only if `deep`, those of inner functions never."""
    yield node
    if isinstance(node, _SCOPES) or (isinstance(node, Loop) and not deep):
        return
    for child in ast.iter_child_nodes(node):
        yield from _own(child, deep=deep)


def _has(body: Sequence[ast.stmt], kind: type[ast.stmt]) -> bool:
    """Whether a jump of this kind belongs to the loop of the body; an else of an inner loop counts to the outer one."""
    return any(isinstance(n, kind) for s in _with_orelse(body) for n in _own(s, deep=False))


def _with_orelse(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for inner in _own(statement, deep=False):
            if isinstance(inner, Loop):
                yield from _with_orelse(inner.orelse)


def _jumps(node: ast.If) -> bool:
    body: list[ast.stmt] = [node]
    returns = any(isinstance(n, ast.Return) for n in _own(node, deep=True))
    return returns or _has(body, ast.Break) or _has(body, ast.Continue)


def _always_jumps(statements: Sequence[ast.stmt]) -> bool:
    for node in statements:
        match node:
            case ast.Break() | ast.Continue() | ast.Return():
                return True
            case ast.If(body=body, orelse=orelse) if _always_jumps(body) and _always_jumps(orelse):
                return True
            case ast.While() if _is_endless(node) and not _has(node.body, ast.Break):
                return True
            case _:
                pass
    return False


def _assigned_unless_left(statements: Sequence[ast.stmt]) -> Names | None:
    """Names that statements assign on every way that does not jump; None where all ways do."""
    names: Names = frozenset()
    for node in statements:
        match node:
            case ast.Break() | ast.Continue() | ast.Return():
                return None
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                names |= _stored(node)
            case ast.If():
                ways = [_assigned_unless_left(b) for b in (node.body, node.orelse)]
                going_on = [w for w in ways if w is not None]
                if not going_on:
                    return None
                names |= reduce(Names.intersection, going_on)
            case _:
                pass
    return names


def _is_endless(node: Loop) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


def _stored(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Names:
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return frozenset()
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return frozenset(assigned(targets))


def _surely_assigned(node: Loop) -> Names:
    """Names that hold a value of the loop wherever it breaks."""
    names = frozenset(assigned([node.target])) if isinstance(node, ast.For) else frozenset[str]()
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            names |= _stored(statement)
        elif _has([statement], ast.Break):
            break
    return names
