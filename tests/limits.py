"""Which sentences stand where Discord takes short texts only, read from the source.

A sentence is followed from the button, label, title or field back to where it is said: through variables,
parameters, tables, and functions of the same module.
"""

import ast

from tests.sentences import said

PLACES = {
    # components/reference: Button, String Select, Label, Text Input, Radio Group, Checkbox Group
    "Button": {"label": 80},
    "button": {"label": 80},
    "Modal": {"title": 45},
    "Label": {"text": 45, "description": 100},
    "TextInput": {"label": 45, "placeholder": 100},
    "Select": {"placeholder": 150},
    "UserSelect": {"placeholder": 150},
    "RoleSelect": {"placeholder": 150},
    "ChannelSelect": {"placeholder": 150},
    "MentionableSelect": {"placeholder": 150},
    "SelectOption": {"label": 100, "description": 100},
    "add_option": {"label": 100, "description": 100},
    "RadioGroupOption": {"label": 100, "description": 100},
    "CheckboxGroupOption": {"label": 100, "description": 100},
    # interactions/application-commands: Choice
    "Choice": {"name": 100},
    # resources/message: Embed Limits
    "Embed": {"title": 256},
    "add_field": {"name": 256, "value": 1024},
    "insert_field_at": {"name": 256, "value": 1024},
    "set_author": {"name": 256},
    "set_footer": {"text": 2048},
}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def limits_of(trees):
    """Return the least limit of each sentence that stands in such a place."""
    return _Source(trees).limits()


class _Source:
    """The modules, with what is needed to find where a value comes from."""

    def __init__(self, trees):
        self.trees = trees
        self.tables = {}
        self.calls = []
        for path, tree in trees.items():
            for node in tree.body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    for target in targets:
                        self.tables.setdefault(ast.unparse(target), []).append(node.value)
            self.calls += [(path, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]

    def limits(self):
        """Return the least limit of each sentence."""
        least = {}
        for path, tree in self.trees.items():
            for scope, kinds in _functions(tree, ()):
                for call in [node for node in ast.walk(scope) if isinstance(node, ast.Call)]:
                    for place, limit in _places(call, kinds).items():
                        for part in [part.value for part in call.keywords if part.arg == place]:
                            for text in self.texts(part, path, scope, set()):
                                least[text] = min(limit, least.get(text, limit))
        return least

    def texts(self, node, path, scope, seen):
        """Return the sentences that may be in the value of an expression within a function."""
        if (id(node), id(scope)) in seen:
            return
        seen.add((id(node), id(scope)))
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if sentence := said(part):
                    yield from sentence[0]
                for callee in self.functions(part.func, path):
                    for value in _given(callee):
                        yield from self.texts(value, path, callee, seen)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                yield from self.texts_of_name(part.id, path, scope, seen)

    def texts_of_name(self, name, path, scope, seen):
        """Return the sentences that may be in a variable, a parameter, or a table."""
        for value, function in self.bound(name, path, scope):
            yield from self.texts(value, path, function, seen)
        for value, caller_path, caller in self.passed(name, path, scope):
            yield from self.texts(value, caller_path, caller, seen)
        if name.isupper():
            for table in self.tables.get(name, []):
                yield from self.texts(table, path, scope, seen)

    def bound(self, name, path, scope):
        """Return what a variable of a function is made from, and in which function that stands."""
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(ast.unparse(target) == name for target in targets):
                    yield node.value, scope
            elif isinstance(node, ast.For | ast.comprehension):
                yield from self.unpacked(name, node, path, scope)

    def unpacked(self, name, loop, path, scope):
        """Return what a loop's variable goes through: the part in its place of every tuple."""
        names = [ast.unparse(part) for part in getattr(loop.target, "elts", [loop.target])]
        if name not in names:
            return
        functions = self.functions(loop.iter.func, path) if isinstance(loop.iter, ast.Call) else []
        rows = [(value, function) for function in functions for value in _given(function)]
        rows += [(part, scope) for part in getattr(loop.iter, "elts", [])]
        for row, function in rows or [(loop.iter, scope)]:
            fitting = isinstance(row, ast.Tuple) and len(row.elts) == len(names) > 1
            yield (row.elts[names.index(name)] if fitting else row), function

    def functions(self, called, path):
        """Return the functions of the same module that may be called."""
        if not isinstance(called, ast.Name):
            return []
        return [
            node for node in self.trees[path].body if isinstance(node, FUNCTION) and node.name == called.id
        ]

    def passed(self, name, path, scope):
        """Return what is given for a parameter of a function, by its name or in its place."""
        parameters = [part.arg for part in [*scope.args.posonlyargs, *scope.args.args]]
        every = [*parameters, *(part.arg for part in scope.args.kwonlyargs)]
        if name not in every:
            return
        module = path.rpartition("/")[2].removesuffix(".py")
        names = {f"{module}.{scope.name}"}
        for caller_path, call in self.calls:
            called = ast.unparse(call.func)
            if called not in names and not (caller_path == path and called == scope.name):
                continue
            given = [part.value for part in call.keywords if part.arg == name]
            if name in parameters:
                given += call.args[parameters.index(name) : parameters.index(name) + 1]
            for value in given:
                yield value, caller_path, self.around(call, caller_path)

    def around(self, call, path):
        """Return the innermost function in which a call stands, or a hollow one."""
        inside = [
            node
            for node in ast.walk(self.trees[path])
            if isinstance(node, FUNCTION) and node.lineno <= call.lineno <= node.end_lineno
        ]
        return max(inside, key=lambda node: node.lineno, default=ast.parse("def module(): ...").body[0])


def _functions(node, kinds):
    """Return every function with the names of what its class is a kind of."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTION):
            yield child, kinds
        inner = tuple(map(_last, child.bases)) if isinstance(child, ast.ClassDef) else kinds
        yield from _functions(child, inner)


def _places(call, kinds):
    """Return the limited places of a call; a class of ours has those of what it is a kind of."""
    called = _last(call.func)
    if called == "__init__":
        return {place: limit for kind in kinds for place, limit in PLACES.get(kind, {}).items()}
    return PLACES.get(called, {})


def _last(called):
    """Return the last part of a dotted name, without what it is a kind of."""
    called = called.value if isinstance(called, ast.Subscript) else called
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _given(function):
    """Return what a function returns or yields."""
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and node.value
    ]
