#!/usr/bin/env python3
"""The proving ground: runs the tests behind the promises of promises.toml, and says what they measured.

Every promise ends as one line: passed or not, and its figures. What was measured is kept in build/prove/ from
run to run, so that batteries can be run apart; --write makes docs/proving-ground.md from it."""

import argparse
import datetime
import fnmatch
import json
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISES = ROOT / "tests/prove/promises.toml"
TESTS = ROOT / "build/dev"
KEPT = ROOT / "build/prove"
PAGE = ROOT / "docs/proving-ground.md"
MARKER = "<!-- What follows is written by ./dev prove --write. -->\n"
FIGURE = re.compile(r"figure: ([a-z0-9-]+): (.+)")
WORST_FIRST = ("FAILED", "no test yet", "not run", "skipped", "passed")
TIMEOUT_S = 2 * 60 * 60
OUTPUT_BYTES_MAX = 16 * 1024 * 1024


def read_promises():
    promises = tomllib.loads(PROMISES.read_text(encoding="utf-8"))["promise"]
    for promise in promises:
        if ("tests" in promise) == ("command" in promise):
            sys.exit(f"{PROMISES.name}: {promise['key']} needs either tests or a command")
    return promises


def read_tests():
    """ctest's number and labels of every test, by name."""
    listing = subprocess.run(["ctest", "--test-dir", TESTS, "--show-only=json-v1"],
                             check=True, capture_output=True, text=True).stdout
    tests = {}
    for number, test in enumerate(json.loads(listing)["tests"], start=1):
        labels = [each["value"] for each in test["properties"] if each["name"] == "LABELS"]
        tests[test["name"]] = (number, sum(labels, []))
    return tests


def tests_of(promise, tests):
    return [name for pattern in promise.get("tests", [])
            for name in tests if fnmatch.fnmatchcase(name, pattern)]


def promises_without_tests(promises, tests):
    return [f"{PROMISES.name}: {promise['key']} names a test that is none: {pattern}"
            for promise in promises for pattern in promise.get("tests", [])
            if not any(fnmatch.fnmatchcase(name, pattern) for name in tests)]


def outcome(state, output):
    return {"state": state, "figures": FIGURE.findall(output or ""), "day": datetime.date.today().isoformat(),
            "scale": os.environ["TURNIX_PROVE_SCALE"]}


def run_tests(names, tests):
    """Runs them one after another and yields each one's name and outcome."""
    results = KEPT / "ctest.xml"
    numbers = ",".join(str(tests[name][0]) for name in names)
    subprocess.run(["ctest", "--test-dir", TESTS, "-I", f"0,0,0,{numbers}", "--timeout", str(TIMEOUT_S),
                    "--output-on-failure", "--output-junit", results,
                    "--test-output-size-passed", str(OUTPUT_BYTES_MAX)], check=False)
    for case in ElementTree.parse(results).iter("testcase"):
        state = {"run": "passed", "fail": "FAILED"}.get(case.get("status"), "skipped")
        yield case.get("name"), outcome(state, case.findtext("system-out"))


def run_command(command):
    print("==", *command, flush=True)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        output = ""
        for line in running.stdout:
            print(line, end="", flush=True)
            output += line
    return outcome("FAILED" if running.returncode else "passed", output)


def outcomes_of(promise, tests, results):
    """What the promise's tests and command ended as, by name; None where they have not run."""
    names = [" ".join(promise["command"])] if "command" in promise else tests_of(promise, tests)
    return {name: results.get(name) for name in names}


def summary(promise, outcomes):
    """(state, figures) of all its tests together: as bad as the worst of them."""
    states = [each["state"] if each else "not run" for each in outcomes.values()] or ["no test yet"]
    state = min(states, key=WORST_FIRST.index)
    figures = [text for each in outcomes.values() if each
               for key, text in each["figures"] if key == promise["key"]]
    return state, figures


def section(promise, outcomes):
    """The promise's part of the page."""
    state, figures = summary(promise, outcomes)
    runs = sorted({f"{each['day']} at {each['scale']} scale" for each in outcomes.values() if each})
    shown_by = promise.get("tests") or [" ".join(promise.get("command", []))]
    asked = f" Asked: {promise['asked']}." if "asked" in promise else ""
    return "\n".join([
        f"### {promise['key']}: {state}", "",
        promise["promise"] + asked, "",
        *[f"- {figure}" for figure in figures], *([""] if figures else []),
        *([f"Shown by {', '.join(f'`{each}`' for each in shown_by)}; run on {' and '.join(runs)}.", ""]
          if runs else [])])


def write_page(promises, tests, results):
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(MARKER)
    parts, battery = [head + MARKER], None
    for promise in promises:
        if promise["battery"] != battery:
            battery = promise["battery"]
            parts.append(f"## {battery.capitalize()}\n")
        parts.append(section(promise, outcomes_of(promise, tests, results)))
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def parse_arguments(promises):
    batteries = list(dict.fromkeys(promise["battery"] for promise in promises))
    parser = argparse.ArgumentParser(prog="./dev prove",
                                     description="Runs the proofs and says what they measured.")
    parser.add_argument("batteries", nargs="*", metavar="BATTERY",
                        help=f"all of them, or {', '.join(batteries)}")
    parser.add_argument("--long", action="store_true", help="only the tests that ./dev test leaves out")
    parser.add_argument("--write", action="store_true",
                        help="renew docs/proving-ground.md from what was measured")
    parser.add_argument("--check", action="store_true",
                        help="run nothing; every promise must name its tests")
    arguments = parser.parse_args()
    if unknown := set(arguments.batteries) - set(batteries):
        parser.error(f"no battery is called {', '.join(sorted(unknown))}; there are {', '.join(batteries)}")
    return arguments


def run(promises, tests, only_long):
    names = [name for promise in promises for name in tests_of(promise, tests)
             if not only_long or "long" in tests[name][1]]
    if names:
        yield from run_tests(list(dict.fromkeys(names)), tests)
    if only_long or os.environ["TURNIX_PROVE_SCALE"] != "full":
        return
    for promise in promises:
        if "command" in promise:
            yield " ".join(promise["command"]), run_command(promise["command"])


def main():
    os.environ.setdefault("TURNIX_PROVE_SCALE", "full")
    promises = read_promises()
    arguments = parse_arguments(promises)
    tests = read_tests()
    if faults := promises_without_tests(promises, tests):
        sys.exit("\n".join(faults))
    if arguments.check:
        return 0

    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / "results.json"
    results = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    chosen = [each for each in promises if not arguments.batteries or each["battery"] in arguments.batteries]
    ran = dict(run(chosen, tests, arguments.long))
    results |= ran
    kept.write_text(json.dumps(results, indent=1), encoding="utf-8")

    for promise in chosen:
        outcomes = outcomes_of(promise, tests, results)
        if ran.keys() & outcomes.keys():
            state, figures = summary(promise, outcomes)
            print(f"{state:8} {promise['key']}: {'; '.join(figures) or promise['promise']}")
    if arguments.write:
        write_page(promises, tests, results)
    return 1 if any(each["state"] == "FAILED" for each in ran.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
