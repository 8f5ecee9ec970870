"""The rules of tests/tidy. A rule takes the tree, {path: text}; its faults are (path, line, message)."""

import re
from pathlib import PurePosixPath

LINES_MAX = 500
TEST_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 110

CODE = (".cpp", ".hpp")
SCRIPTS = (".sh", ".py", ".mjs", ".js", ".ts", ".tsx", ".css", ".cmake")
PROSE = (".md",)

# What each room may include, by the start of the path; the longest matching room decides. The finer arrows
# between the rooms of one side are the USES lines of the CMakeLists.
ROOMS = {
    "common/": ["common/"],
    "relay/stun/": ["relay/stun/", "common/net/", "common/crypto/"],
    "relay/turn/": ["relay/turn/", "relay/stun/", "common/"],
    "relay/": ["relay/", "common/"],
    "api/": ["api/", "common/"],
    "api/http/": ["api/http/", "common/"],
    "api/console/": ["api/console/", "api/http/", "common/"],
    "api/model/": ["api/model/", "common/"],
    "api/store/": ["api/store/", "api/model/", "common/"],
    "api/upstream/": ["api/upstream/", "api/store/", "api/model/", "common/"],
    "api/fleet/": ["api/fleet/", "api/model/", "common/"],
    "api/fleet/gossip/": ["api/fleet/gossip/", "common/"],
    "daemon/": ["daemon/", "api/", "relay/", "common/"],
}
PROJECT_ROOTS = ("common/", "relay/", "api/", "daemon/", "tests/", "bench/")

# The sans-I/O cores: bytes, time and randomness come in as arguments.
SANS_IO_ROOMS = ("relay/stun/", "relay/turn/", "api/fleet/gossip/")
SYSTEM_IO = re.compile(r"boost/(asio|beast)|sys/(socket|epoll|uio|eventfd|timerfd)\.h|netinet/|arpa/inet\.h|"
                       r"netdb\.h|poll\.h|unistd\.h|liburing|thread$")

# Where the socket interface of the system leaves no other way.
REINTERPRET_CAST_FILES = ("common/net/sockaddr.cpp",)

BANNED = [
    (re.compile(r"\bstd::endl\b"), "std::endl flushes: write '\\n'"),
    (re.compile(r"\bstd::w?regex\b"), "std::regex recurses on its input and is slow: parse by hand"),
    (re.compile(r"\b(?:std::)?s?rand\s*\("), "all randomness comes from common/crypto"),
    (re.compile(r"\b(?:std::)?v?sprintf\s*\("), "unbounded: use fmt::format"),
    (re.compile(r"\b(?:std::)?str(?:cpy|cat)\s*\("), "unbounded: use std::string or std::span"),
]
USING_NAMESPACE = re.compile(r"\busing\s+namespace\b(?![\w\s:]*literals\b)")
OWN_MACHINE = [
    (re.compile(r"(?<![\w.*$}~-])/(?:root|work|home/\w+)/"), "names a path of one machine"),
    (re.compile(r"\b(?:registry\.(?:npmjs|yarnpkg)|deb\.debian|pypi\.)"), "names a package registry"),
]

COMMENT_OR_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'', re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def without_comments_and_strings(text):
    """The same text, character for character, with the inside of comments and literals blanked."""
    return COMMENT_OR_LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def code_files(tree):
    return {path: text for path, text in tree.items() if path.endswith(CODE)}


def layering(tree):
    for path, text in code_files(tree).items():
        room = max((room for room in ROOMS if path.startswith(room)), key=len, default=None)
        if room is None:
            continue
        for match in INCLUDE.finditer(text):
            bracket, included = match.groups()
            wrong_room = included.startswith(PROJECT_ROOTS) and not included.startswith(tuple(ROOMS[room]))
            system_io = bracket == "<" and path.startswith(SANS_IO_ROOMS) and SYSTEM_IO.search(included)
            if wrong_room or system_io:
                yield path, line_of(text, match.start(2)), f"{room} must not include {included}"


def own_header_first(tree):
    """So that one which leans on what others include before it does not compile: see cmake/room.cmake."""
    for path, text in tree.items():
        own = path.removesuffix(".cpp") + ".hpp"
        if not path.endswith(".cpp") or own not in tree:
            continue
        first = INCLUDE.search(text)
        if first is None or first.group(2) != own:
            yield path, line_of(text, first.start(2)) if first else 1, f"includes its own header first: {own}"


def file_length(tree):
    for path, text in tree.items():
        if not path.endswith(CODE + SCRIPTS):
            continue
        limit = TEST_LINES_MAX if path.startswith("tests/") else LINES_MAX
        lines = text.count("\n")
        if lines > limit:
            yield path, limit + 1, f"{lines} lines, {limit} at most: one concept a file"


def line_length(tree):
    for path, text in tree.items():
        if not path.endswith(CODE + SCRIPTS) and PurePosixPath(path).name not in ("CMakeLists.txt", "dev"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > COLUMNS_MAX:
                yield path, number, f"{len(line)} columns, {COLUMNS_MAX} at most"


NOT_A_FUNCTION = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b(?![^{]*\))")
INITIALISER = re.compile(r"[^\s)]$|=\s*$")  # what stands before the brace of one: no space, or an equals sign


def function_length(tree):
    """Outermost braces that follow a parameter list; a lambda counts as part of the function around it."""
    for path, text in code_files(tree).items():
        yield from long_functions(path, without_comments_and_strings(text))


def long_functions(path, code):
    open_braces, head_start, kind = [], 0, None  # each brace as (kind, line)
    for match in re.finditer(r"[{};]|^[ \t]*#[^\n]*", code, re.M):
        if match.group() == "{":
            kind = kind_of_brace(code[head_start:match.start()], [kind for kind, _ in open_braces])
            open_braces.append((kind, line_of(code, match.start())))
        elif match.group() == "}" and open_braces:
            kind, opened_at = open_braces.pop()
            lines = line_of(code, match.start()) - opened_at + 1
            if kind == "function" and lines > FUNCTION_LINES_MAX:
                yield path, opened_at, f"a function of {lines} lines, {FUNCTION_LINES_MAX} at most"
        if "initialiser" not in [kind, *(kind for kind, _ in open_braces)] or match.group() == ";":
            head_start = match.end()


def kind_of_brace(head, around):
    if {"function", "initialiser"} & set(around):
        return "inner"
    if INITIALISER.search(head):
        return "initialiser"
    return "function" if "(" in head and not NOT_A_FUNCTION.search(head) else "scope"


def banned(tree):
    for path, text in code_files(tree).items():
        code = without_comments_and_strings(text)
        rules = list(BANNED)
        if path not in REINTERPRET_CAST_FILES:
            rules.append((re.compile(r"\breinterpret_cast\b"), "use memcpy or std::bit_cast"))
        if path.endswith(".hpp"):
            rules.append((USING_NAMESPACE, "using namespace in a header"))
        for pattern, why in rules:
            for match in pattern.finditer(code):
                yield path, line_of(code, match.start()), f"{match.group().strip()}: {why}"


def own_machine(tree):
    for path, text in tree.items():
        for pattern, why in OWN_MACHINE:
            for match in pattern.finditer(text):
                yield path, line_of(text, match.start()), f"{match.group()}: {why}"


def header_comment(tree):
    for path, text in tree.items():
        if path.endswith(".hpp") and not text.startswith("//"):
            yield path, 1, "a header begins with a comment: what it is for, who owns it, on which thread"


def dead_files(tree):
    """A header that nobody includes, a source in no target, a module or statement that nobody names."""
    every_text = "\n".join(tree.values())
    included = {match.group(2) for match in INCLUDE.finditer(every_text)}
    build_files = {path: text for path, text in tree.items() if path.endswith(("CMakeLists.txt", ".cmake"))}
    for path in tree:
        name, directory = PurePosixPath(path).name, str(PurePosixPath(path).parent)
        if path.endswith(".hpp"):
            dead = path not in included
        elif path.endswith(".cpp"):
            inner = directory.removeprefix("tests/")
            dead = (f"{directory}/CMakeLists.txt" not in build_files and
                    not any(re.search(rf"\b{re.escape(inner)}(?![\w/])", text)
                            for text in build_files.values()))
        elif path.endswith((".sql", ".mjs", ".py", ".sh")):
            stem = PurePosixPath(path).stem
            dead = not any(other != path and (name in text or f"import {stem}" in text)
                           for other, text in tree.items()) and not is_globbed(name)
        else:
            continue
        if dead:
            yield path, 1, "nothing uses this file"


def is_globbed(name):
    return name.endswith((".test.mjs", ".sql"))


RULES = [layering, own_header_first, file_length, line_length, function_length, banned, own_machine,
         header_comment, dead_files]
