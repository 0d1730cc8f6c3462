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
        self.calls = {}
        self.bindings = {}
        for path, tree in trees.items():
            for node in tree.body:
                for name, value in _assigned(node):
                    self.tables.setdefault(name, []).append((path, value))
            self._note_calls(path, tree, ast.parse("def module(): ...").body[0])

    def _note_calls(self, path, node, function):
        """Note every call by what is called, with the innermost function in which it stands."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                self.calls.setdefault(ast.unparse(child.func), []).append((path, child, function))
            self._note_calls(path, child, child if isinstance(child, FUNCTION) else function)

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
            tables = self.tables.get(name, [])
            own = [(place, table) for place, table in tables if place == path]
            for place, table in own or ([] if name.startswith("_") else tables):
                yield from self.texts(table, place, scope, seen)

    def bound(self, name, path, scope):
        """Return what a variable of a function is made from, and in which function that stands."""
        if id(scope) not in self.bindings:
            assigned, loops = {}, []
            for node in ast.walk(scope):
                for target, value in _assigned(node):
                    assigned.setdefault(target, []).append(value)
                if isinstance(node, ast.For | ast.comprehension):
                    loops.append(node)
            self.bindings[id(scope)] = (assigned, loops)
        assigned, loops = self.bindings[id(scope)]
        yield from ((value, scope) for value in assigned.get(name, []))
        for loop in loops:
            yield from self.unpacked(name, loop, path, scope)

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
        own = [each for each in self.calls.get(scope.name, []) if each[0] == path]
        for caller_path, call, caller in [*own, *self.calls.get(f"{module}.{scope.name}", [])]:
            given = [part.value for part in call.keywords if part.arg == name]
            if name in parameters:
                given += call.args[parameters.index(name) : parameters.index(name) + 1]
            for value in given:
                yield value, caller_path, caller


def _assigned(node):
    """Return the names that a statement or expression gives to a value."""
    if isinstance(node, ast.Assign):
        return [(ast.unparse(target), node.value) for target in node.targets]
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value:
        return [(ast.unparse(node.target), node.value)]
    return []


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
