"""The self-test of tests/tidy: each rule must find the fault planted for it, and let its near miss pass."""

import rules

STEPS = "    step();\n"


def include(name):
    return f"#include {name}\n"


def a_method(body):
    return f"namespace n {{\nstruct s {{\n  void f() {{\n{body}  }}\n}};\n}}\n"


# rule, file with the fault, its text, the line of the fault, a text of the same file that must pass
CASES = [
    (rules.layering, "common/a.cpp", include('"relay/turn/a.hpp"'), 1, include('"common/net/b.hpp"')),
    (rules.layering, "common/a.cpp", include('"api/http/a.hpp"'), 1, include("<string>")),
    (rules.layering, "relay/turn/a.cpp", "\n" + include('"relay/io/a.hpp"'), 2, include('"common/a.hpp"')),
    (rules.layering, "relay/turn/a.cpp", include("<boost/asio/ip/udp.hpp>"), 1, include("<boost/a.hpp>")),
    (rules.layering, "relay/stun/a.cpp", include("<sys/socket.h>"), 1, include("<span>")),
    (rules.layering, "relay/io/a.cpp", include('"api/http/a.hpp"'), 1, include("<sys/socket.h>")),
    (rules.layering, "api/http/a.cpp", include('"api/store/a.hpp"'), 1, include('"api/http/a.hpp"')),
    (rules.layering, "api/fleet/a.cpp", include('"relay/relay.hpp"'), 1, include('"api/model/a.hpp"')),
    (rules.layering, "api/fleet/gossip/a.cpp", include("<boost/asio/ip/udp.hpp>"), 1,
     include('"api/fleet/gossip/a.hpp"')),
    (rules.layering, "api/fleet/gossip/a.cpp", include('"api/fleet/a.hpp"'), 1, include('"common/a.hpp"')),
    (rules.own_header_first, "relay/used.cpp", include("<span>") + include('"relay/used.hpp"'), 1,
     include('"relay/used.hpp"') + include("<span>")),
    (rules.own_header_first, "relay/used.cpp", "int a;\n", 1, None),
    (rules.file_length, "relay/a.cpp", "\n" * 501, 501, "\n" * 500),
    (rules.file_length, "tests/a_test.cpp", "\n" * 801, 801, "\n" * 800),
    (rules.line_length, "common/a.hpp", "\n// " + "x" * 108 + "\n", 2, "// " + "x" * 107 + "\n"),
    (rules.function_length, "relay/a.cpp", f"int f(int a) {{\n{STEPS * 69}}}\n", 1,
     f"int f(int a) {{\n{STEPS * 68}}}\n"),
    (rules.function_length, "relay/a.cpp", a_method(STEPS * 69), 3,
     f"namespace n {{\nstruct s {{\n{STEPS.replace('()', '{0}') * 99}}};\n}}\n"),
    (rules.function_length, "relay/a.cpp", f"s::s(int a) : a_{{a}}, b_{{1}} {{\n{STEPS * 69}}}\n", 1,
     f"s::s(int a) : a_{{a}} {{}}\nconst int t[] = {{\n{'    1,' * 80}}};\n"),
    (rules.function_length, "tests/a_test.cpp", f'TEST_CASE("a {{ brace") {{\n{STEPS * 69}}}\n', 1,
     "constexpr auto table = std::to_array<row>({\n" + "    {1, 2},\n" * 80 + "});\n"),
    (rules.banned, "relay/a.cpp", "b = reinterpret_cast<char*>(a);\n", 1, "// no reinterpret_cast\n"),
    (rules.banned, "relay/a.cpp", "out << 1 << std::endl;\n", 1, 'out << "std::endl";\n'),
    (rules.banned, "relay/a.hpp", "using namespace std;\n", 1, "using namespace std::literals;\n"),
    (rules.banned, "relay/a.cpp", "int a = rand();\n", 1, "int a = operand();\n"),
    (rules.banned, "relay/a.cpp", "sprintf(a, b);\n", 1, "snprintf(a, 4, b);\n"),
    (rules.banned, "relay/a.cpp", "strcpy(a, b);\n", 1, "my_strcpy_test(a);\n"),
    (rules.banned, "relay/a.cpp", "std::regex a;\n", 1, "regex_free a;\n"),
    (rules.own_machine, "README.md", "cd /" + "root/turnixd\n", 1, "cd turnixd/root/x\n"),
    (rules.own_machine, "README.md", "a\ncd /" + "home/someone/x\n", 2, "~/home/someone\n"),
    (rules.own_machine, "package-lock.json", "https://registry.npm" + "js.org/a\n", 1, "sha512-a\n"),
    (rules.header_comment, "relay/a.hpp", "#pragma once\n", 1, "// What it is for.\n#pragma once\n"),
    (rules.dead_files, "relay/orphan.hpp", "// A header.\n", 1, None),
    (rules.dead_files, "nowhere/a.cpp", "int a;\n", 1, None),
    (rules.dead_files, "tests/e2e/orphan.mjs", "export {};\n", 1, None),
]

# What stands around each of them, without a fault.
ALIVE = {
    "relay/CMakeLists.txt": "turnix_room(relay DIRECTORY relay)\n",
    "relay/used.hpp": "// A header.\n",
    "relay/used.cpp": '#include "relay/used.hpp"\n',
    "tests/relay/used_test.cpp": "\n",
    "tests/e2e/used.mjs": "export {};\n",
    "tests/e2e/a.test.mjs": "import './used.mjs';\n",
}


def run():
    failures = []
    for rule, path, text, line, near_miss in CASES:
        found = [(where, number) for where, number, _ in rule({**ALIVE, path: text})]
        if found != [(path, line)]:
            failures.append(f"{rule.__name__} on {text[:60]!r}: expected line {line}, found {found}")
        if near_miss is not None:
            wrong = list(rule({**ALIVE, path: near_miss}))
            if wrong:
                failures.append(f"{rule.__name__} must let {near_miss[:60]!r} pass, said {wrong}")
    failures += [f"dead_files must let {path} pass" for path, _, _ in rules.dead_files(ALIVE)]
    failures += [f"{rule.__name__} has no planted fault" for rule in rules.RULES
                 if rule not in {case[0] for case in CASES}]
    print("\n".join(failures) or f"{len(CASES)} planted faults found")
    return 1 if failures else 0
