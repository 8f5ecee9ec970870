#!/usr/bin/env python3
"""Keeps docs/conformance.md: which clause of which RFC is held by which test, read from the tests' names.

Without an argument it compares the page with the names and says how they differ; with --write it renews the
part of the page below its marker. A name says its clause first: "RFC 8656 7.2 step 5: …"."""

import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/conformance.md"
MARKER = "<!-- What follows is written by tests/conformance.py --write. -->\n"

# What the page is about; other RFCs' tests (of HTTP, of digests) are not on it.
TITLES = {
    "5769": "test vectors",
    "5780": "NAT behaviour discovery",
    "6062": "TCP allocations",
    "6347": "DTLS",
    "7443": "ALPN for STUN and TURN",
    "7983": "multiplexing by the first byte",
    "8016": "mobility",
    "8264": "strings, the base of RFC 8265",
    "8265": "usernames and passwords",
    "8489": "STUN",
    "8656": "TURN",
}

# Where a test stands says what it shows the promise of.
LEVELS = {
    "tests/relay/stun/": "core",
    "tests/relay/turn/": "core",
    "tests/common/": "core",
    "tests/relay/": "sockets",
    "tests/e2e/": "daemon",
}

CPP_STRING = r'"((?:[^"\\]|\\.)*)"'
CPP_TEST = re.compile(rf'\b(?:TEMPLATE_)?TEST_CASE(?:_SIG)?\(\s*((?:{CPP_STRING}\s*)+)(?:,\s*{CPP_STRING})?')
NODE_TEST = re.compile(r"""\b(?:test|describe)\(\s*(['"`])((?:(?!\1).)*)\1""")
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")  # a column of a table of tests
CLAUSE = re.compile(r"RFC (?P<rfc>\d+)(?: (?P<section>[^:]+))?$")
HIDDEN = "[."


class Held(NamedTuple):
    rfc: str
    section: str
    promise: str
    path: str
    state: str


def named_tests(path):
    """(name, is it in every run) of each test in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".mjs":
        return [(PLACEHOLDER.sub(lambda each: each.group(1).upper(), match.group(2)), True)
                for match in NODE_TEST.finditer(text)]
    return [("".join(re.findall(CPP_STRING, match.group(1))).replace('\\"', '"'),
             HIDDEN not in (match.group(3) or "")) for match in CPP_TEST.finditer(text)]


def held_clauses():
    held, faults = [], []
    for path in sorted([*ROOT.glob("tests/**/*_test.cpp"), *ROOT.glob("tests/e2e/*.test.mjs")]):
        relative = path.relative_to(ROOT).as_posix()
        for name, in_every_run in named_tests(path):
            if not name.startswith("RFC "):
                continue
            clause, colon, promise = name.partition(": ")
            match = CLAUSE.match(clause)
            if not match or not colon:
                faults.append(f'{relative}: "{name}" does not begin with a clause and a colon')
                continue
            if match["rfc"] not in TITLES:
                continue
            state = "held" if in_every_run else "on demand"
            held.append(Held(match["rfc"], match["section"] or "", promise, relative, state))
    return held, faults


def in_order(held):
    """RFC, then section and step as numbers, then the promise; annexes come last."""
    parts = [(part.isalpha(), int(part) if part.isdigit() else 0, part)
             for part in re.findall(r"\d+|\b[A-Z]\b", held.section)]
    return int(held.rfc), parts, held.promise


def level_of(path):
    return next(level for start, level in LEVELS.items() if path.startswith(start))


def generated(held):
    lines, rfc = [], None
    for each in sorted(held, key=in_order):
        if each.rfc != rfc:
            rfc = each.rfc
            lines += ["", f"## RFC {rfc}: {TITLES[rfc]}", "",
                      "| Clause | Promise | Shown on | Test | State |", "| --- | --- | --- | --- | --- |"]
        test = f"[{Path(each.path).name}](../{each.path})"
        cells = (each.section, each.promise, level_of(each.path), test, each.state)
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments):
    held, faults = held_clauses()
    head, marker, listed = PAGE.read_text(encoding="utf-8").partition(MARKER)
    expected = generated(held)
    if arguments == ["--write"]:
        PAGE.write_text(head + MARKER + expected, encoding="utf-8")
    elif not marker or listed != expected:
        faults.append("docs/conformance.md is not what the tests' names say: "
                      "python3 tests/conformance.py --write")
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
