#include "common/config/loader.hpp"

#include "common/config/consistency.hpp"
#include "common/config/document.hpp"
#include "common/config/schema.hpp"
#include "common/config/spelling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

namespace turnix::config {
namespace {

constexpr std::string_view override_source = "--set";
constexpr std::size_t file_bytes_max = 1U << 20U;

std::string join(std::string_view section, std::string_view member) {
    return section.empty() ? std::string{member} : fmt::format("{}.{}", section, member);
}

bool is_section(std::string_view path) {
    const auto prefix = fmt::format("{}.", path);
    return std::ranges::any_of(schema(), [&](const schema_key& key) { return key.path.starts_with(prefix); });
}

std::string remedy_for_unknown(std::string_view path) {
    std::vector<std::string_view> known;
    std::ranges::transform(schema(), std::back_inserter(known), &schema_key::path);
    const auto meant = nearest(path, known);
    return meant.empty() ? "remove it, or see docs/configuration.md for the keys"
                         : fmt::format("did you mean {}?", meant);
}

class reader {
  public:
    explicit reader(configuration& into) : into_{into} {}

    void read_file() {
        const auto text = read_text();
        if (!text) return;
        source_ = into_.values.file.string();
        has_lines_ = true;
        const auto root = parse_document(*text, source_);
        if (!root) return into_.faults.push_back(root.error());
        if (root->is != document_node::form::null) take_section({}, *root);
    }

    void read_override(const std::string& assignment) {
        source_ = override_source;
        has_lines_ = false;
        const auto equals = assignment.find('=');
        if (equals == std::string::npos) {
            return refuse({}, assignment, {.problem = "is no assignment", .remedy = "give KEY=VALUE"});
        }
        take_assignment(assignment.substr(0, equals), assignment.substr(equals + 1));
    }

    /// "NAME=value", as an environment has them.
    void read_variable(const std::string& variable) {
        const auto equals = variable.find('=');
        source_ = variable.substr(0, equals);
        has_lines_ = false;
        take_assignment(key_of(source_), variable.substr(equals + 1));
    }

  private:
    struct complaint {
        std::string problem;
        std::string remedy;
    };

    void take_assignment(const std::string& path, const std::string& text) {
        auto value = parse_document(text, source_);
        if (!value) {
            return refuse(path, text, {.problem = value.error().problem, .remedy = value.error().remedy});
        }
        const auto* const key = find_key(path);
        if (key == nullptr) return refuse_unknown(path);
        take_value(*key, *value);
    }

    std::optional<std::string> read_text() {
        const auto& file = into_.values.file;
        std::ifstream stream{file, std::ios::binary};
        std::string text;
        if (stream) {
            // One byte beyond the limit shows that there is more.
            text.resize(file_bytes_max + 1);
            stream.read(text.data(), static_cast<std::streamsize>(text.size()));
            text.resize(static_cast<std::size_t>(stream.gcount()));
        }
        if (!stream.is_open() || stream.bad() || std::filesystem::is_directory(file)) {
            into_.faults.push_back(
                {.at = {.source = file.string()},
                 .problem = fmt::format("cannot be read: {}", std::generic_category().message(errno)),
                 .remedy = "name a configuration file with --config; turnixd init writes one"});
            return std::nullopt;
        }
        if (text.size() > file_bytes_max) {
            into_.faults.push_back({.at = {.source = file.string()},
                                    .problem = "is longer than 1 MiB",
                                    .remedy = "name a configuration file"});
            return std::nullopt;
        }
        return text;
    }

    void take_section(const std::string& path, const document_node& section) {
        if (section.is == document_node::form::null) return;
        if (section.is != document_node::form::mapping) {
            return refuse(path, section.to_string(),
                          {.problem = "is not a mapping", .remedy = "write KEY: VALUE lines"}, section.line);
        }
        for (const auto& member : section.members) {
            const auto member_path = join(path, member.key);
            if (const auto* const key = find_key(member_path); key != nullptr) {
                take_value(*key, member);
            } else if (is_section(member_path)) {
                take_section(member_path, member);
            } else {
                refuse_unknown(member_path, member.line);
            }
        }
    }

    void take_value(const schema_key& key, const document_node& value) {
        // What replaces a value also replaces what was wrong with it.
        std::erase_if(into_.faults, [&](const fault& earlier) { return earlier.key == key.path; });
        into_.written.insert_or_assign(std::string{key.path},
                                       written_value{at(value.line), value.to_string()});
        if (auto error = key.store(value, into_.values)) {
            refuse(key.path, error->node->to_string(),
                   {.problem = std::move(error->problem), .remedy = fmt::format("give {}", key.type)},
                   error->node->line);
        }
    }

    void refuse_unknown(std::string_view path, unsigned line = 0) {
        refuse(path, {}, {.problem = "is not a known key", .remedy = remedy_for_unknown(path)}, line);
    }

    void refuse(std::string_view key, std::string value, complaint about, unsigned line = 0) {
        into_.faults.push_back({.at = at(line),
                                .key = std::string{key},
                                .value = std::move(value),
                                .problem = std::move(about.problem),
                                .remedy = std::move(about.remedy)});
    }

    /// A line of the file; nothing else has one.
    [[nodiscard]] origin at(unsigned line) const {
        return {.source = source_, .line = has_lines_ ? line : 0};
    }

    configuration& into_;
    std::string source_;
    bool has_lines_{false};
};

/// Where the path of a credential leads; as it is when the service manager has handed none over.
std::filesystem::path credential_file(configuration& loaded, const std::filesystem::path& path,
                                      const surroundings& around) {
    if (around.credentials) return *around.credentials / path.string().substr(credential_prefix.size());
    loaded.faults.push_back({.at = {.source = loaded.values.file.string()},
                             .value = path.string(),
                             .problem = "names a credential, and there is no $CREDENTIALS_DIRECTORY",
                             .remedy = "hand it over with LoadCredential=, or name a file"});
    return path;
}

/// Paths of the file are relative to it.
void make_paths_absolute(configuration& loaded, const surroundings& around) {
    auto& values = loaded.values;
    const auto directory = values.file.parent_path();
    const auto resolve = [&](std::filesystem::path& path) {
        if (path.string().starts_with(credential_prefix)) path = credential_file(loaded, path, around);
        path = (directory / path).lexically_normal();
        if (!path.has_filename()) path = path.parent_path();  // "state/" and "." name a directory
    };
    resolve(values.data_directory);
    resolve(values.key_ring_file);
    resolve(values.node_key_file);
    resolve(values.node.regions_file);
    auto& interop = values.relay.interop;
    for (auto* const file : {&values.node.geoip_file, &interop.shared_secrets_file, &interop.users_file,
                             &values.store.upstream_file}) {
        if (*file) resolve(**file);
    }
    for (auto* const tls : {&values.relay.tls, &values.api.tls}) {
        if (!*tls) continue;
        if (!(*tls)->certificate.empty()) resolve((*tls)->certificate);
        if (!(*tls)->private_key.empty()) resolve((*tls)->private_key);
    }
}

}  // namespace

configuration load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
                   const surroundings& around) {
    configuration loaded;
    loaded.values.file = std::filesystem::absolute(file).lexically_normal();
    reader reading{loaded};
    reading.read_file();
    for (const auto& variable : around.variables) reading.read_variable(variable);
    for (const auto& assignment : overrides) reading.read_override(assignment);
    make_paths_absolute(loaded, around);
    check_consistency(loaded);
    return loaded;
}

}  // namespace turnix::config
