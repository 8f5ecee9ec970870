#include "common/config/reference.hpp"

#include "common/config/schema.hpp"

#include <fmt/format.h>

#include <sstream>
#include <string_view>
#include <vector>

namespace turnix::config {
namespace {

constexpr std::size_t columns_max = 100;

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto dot = path.find('.');
        parts.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return parts;
        path.remove_prefix(dot + 1);
    }
}

std::string type_and_unit(const schema_key& key) {
    const auto unit = key.unit();
    return unit.empty() ? key.type : fmt::format("{}, in {}", key.type, unit);
}

void append_comment(std::string& page, std::size_t indent, std::string_view text) {
    std::istringstream words{std::string{text}};
    const auto start = std::string(indent, ' ') + "#";
    auto line = start;
    for (std::string word; words >> word;) {
        if (line.size() + 1 + word.size() > columns_max) {
            page += line + '\n';
            line = start;
        }
        line += ' ' + word;
    }
    page += line + '\n';
}

/// Opens the sections of `parts` that `open` does not hold already.
void append_sections(std::string& page, const std::vector<std::string_view>& parts,
                     std::vector<std::string_view>& open) {
    std::size_t common = 0;
    while (common < open.size() && common + 1 < parts.size() && open[common] == parts[common]) ++common;
    open.resize(common);
    for (; common + 1 < parts.size(); ++common) {
        page +=
            fmt::format("{}{}{}:\n", common == 0 ? "\n" : "", std::string(2 * common, ' '), parts[common]);
        open.push_back(parts[common]);
    }
}

/// A list has a line for each member, so that one can be changed without the others.
void append_value(std::string& page, std::size_t indent, std::string_view name, const std::string& value) {
    const auto node = parse_document(value, "schema");
    const bool is_list = node && node->is == document_node::form::sequence && !node->members.empty();
    if (!is_list) {
        page += fmt::format("{}: {}\n", name, value);
        return;
    }
    page += fmt::format("{}:\n", name);
    for (const auto& member : node->members) {
        const bool is_scalar = member.is == document_node::form::scalar;
        page += fmt::format("{}- {}\n", std::string(indent + 2, ' '),
                            is_scalar ? yaml_scalar(member.scalar) : member.to_string());
    }
}

std::string table_cell(std::string_view text) {
    std::string cell;
    for (const char character : text) {
        if (character == '|') cell += '\\';
        cell += character;
    }
    return cell;
}

std::string written_at(const configuration& loaded, std::string_view key) {
    const auto found = loaded.written.find(key);
    if (found == loaded.written.end()) return "default";
    const auto& at = found->second.at;
    return at.line == 0 ? at.source : fmt::format("{}:{}", at.source, at.line);
}

constexpr std::string_view page_start = R"(# Configuration

<!-- Generated from common/config/schema.cpp; config_test says how. Do not edit. -->

`turnixd` reads one YAML file, `turnixd run --config FILE`; `turnixd init` writes one with every key in it,
and `turnixd check --config FILE` lists everything that is wrong with one. Unknown keys are refused.
`--set KEY=VALUE` overrides the file, as often as needed; the value is YAML, lists in flow form:
`--set 'relay.listeners=[{transport: udp, address: "127.0.0.1:0"}]'`. An environment variable does the same,
below `--set`: `TURNIXD__RELAY__PORTS__FIRST=50000`, with two underscores for each dot; one that stands for no
key is refused. `turnixd check --print-effective` shows what is in force, and where each value was written.

Relative paths are relative to the file. A path `credential:NAME` is a credential of the service manager
(`LoadCredential=NAME:FILE`). No key holds a secret: keys name the files that do.

Where the column "reload" says yes, a change takes effect at SIGHUP or `turnixd reload`, elsewhere at a
restart; TLS is turned on or off at a restart only.
)";

}  // namespace

std::string commented_file(const settings& values) {
    const settings defaults;
    std::string page{
        "# Configuration of turnixd. Lines that are commented out state the default.\n"
        "# After a change: turnixd check --config FILE\n"};
    std::vector<std::string_view> open;
    for (const auto& key : schema()) {
        const auto parts = split(key.path);
        append_sections(page, parts, open);
        const auto indent = 2 * (parts.size() - 1);
        append_comment(page, indent, fmt::format("{} ({})", key.documentation, type_and_unit(key)));
        const auto value = key.show(values);
        page += std::string(indent, ' ');
        if (value == key.show(defaults)) page += "# ";
        append_value(page, indent, parts.back(), value);
    }
    return page;
}

std::string effective_file(const configuration& loaded) {
    std::string page;
    std::vector<std::string_view> open;
    for (const auto& key : schema()) {
        const auto parts = split(key.path);
        append_sections(page, parts, open);
        page += fmt::format("{}{}: {}  # {}\n", std::string(2 * (parts.size() - 1), ' '), parts.back(),
                            key.show(loaded.values), written_at(loaded, key.path));
    }
    return page;
}

std::string reference_page() {
    const settings defaults;
    std::string page{page_start};
    std::string_view section;
    for (const auto& key : schema()) {
        if (const auto first = split(key.path).front(); first != section) {
            section = first;
            page += fmt::format("\n## {}\n\n| key | default | value | reload | meaning |\n", section);
            page += "| --- | --- | --- | --- | --- |\n";
        }
        page += fmt::format(
            "| `{}` | `{}` | {} | {} | {} |\n", key.path, key.show(defaults), table_cell(type_and_unit(key)),
            key.change == takes_effect::at_reload ? "yes" : "restart", table_cell(key.documentation));
    }
    return page;
}

}  // namespace turnix::config
