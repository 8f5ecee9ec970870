#!/usr/bin/env python3
"""Holds the tree to the house rules of CONTRIBUTING.md. `tidy.py` checks the repository around it and prints
each fault as path:line: message; `tidy.py --self-test` plants a fault of each kind and sees it found."""

import sys
from pathlib import Path

import planted_faults
import rules

ROOT = Path(__file__).resolve().parents[2]
SKIPPED_DIRECTORIES = {".git", ".turnix", "build", "dist", "node_modules", "corpus", "__pycache__"}
READ_SUFFIXES = {".cpp", ".hpp", ".sql", ".md", ".yaml", ".yml", ".json", ".txt"} | set(rules.SCRIPTS)
READ_NAMES = {"dev", "run", ".npmrc", "Containerfile"}


def read_tree(root):
    tree = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if SKIPPED_DIRECTORIES.isdisjoint(relative.parts) and path.is_file() and (
                path.suffix in READ_SUFFIXES or path.name in READ_NAMES):
            tree[relative.as_posix()] = path.read_text(encoding="utf-8")
    return tree


def main(arguments):
    if arguments == ["--self-test"]:
        return planted_faults.run()
    faults = [fault for rule in rules.RULES for fault in rule(read_tree(ROOT))]
    for path, line, message in faults:
        print(f"{path}:{line}: {message}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
