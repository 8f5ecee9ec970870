// A value that a key of the configuration takes is shown as text that the key takes again, and stays itself.
#include "common/config/document.hpp"
#include "common/config/schema.hpp"
#include "tests/fuzz/target.hpp"

#include <cstring>
#include <string>

namespace turnix::fuzz {

namespace {

void take(const config::schema_key& key, const config::document_node& value) {
    config::settings taken;
    const auto refusal = key.store(value, taken);
    if (refusal) {
        expect(!refusal->problem.empty());
        return;
    }
    const auto shown = key.show(taken);
    const auto read_again = config::parse_document(shown, "shown");
    expect(read_again.has_value());
    config::settings again;
    expect(!key.store(*read_again, again));
    expect(key.show(again) == shown);
}

void walk(const config::document_node& node, const std::string& path) {
    if (const auto* const key = config::find_key(path)) take(*key, node);
    if (node.is != config::document_node::form::mapping) return;
    for (const auto& member : node.members) {
        walk(member, path.empty() ? member.key : path + '.' + member.key);
    }
}

}  // namespace

void run(std::span<const std::byte> input) {
    std::string text(input.size(), '\0');
    if (!input.empty()) std::memcpy(text.data(), input.data(), input.size());
    const auto document = config::parse_document(text, "input");
    if (document) return walk(*document, "");
    expect(!document.error().problem.empty());
    expect(!document.error().remedy.empty());
}

}  // namespace turnix::fuzz
