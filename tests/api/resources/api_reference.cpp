#include "tests/api/resources/api_reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace turnix::api {

namespace {

class page_writer {
  public:
    explicit page_writer(const YAML::Node& document) : document_{document} {}

    std::string page() {
        text_ = fmt::format(
            "# API reference\n\nGenerated from [`api/openapi.yaml`](../api/openapi.yaml); a test holds the "
            "two "
            "against each other. [api.md](api.md) is the introduction.\n\n{}\n",
            document_["info"]["description"].as<std::string>());
        for (const auto& tag : document_["tags"]) write_tag(tag);
        write_schemas();
        return text_;
    }

  private:
    /// What a reference leads to; anything else is itself.
    YAML::Node resolved(const YAML::Node& part) const {
        if (!part.IsMap() || !part["$ref"]) return part;
        const auto path = part["$ref"].as<std::string>().substr(std::string{"#/components/"}.size());
        const auto slash = path.find('/');
        const auto components = document_["components"];
        const auto kind = components[path.substr(0, slash)];
        return kind[path.substr(slash + 1)];
    }

    static std::string name_of(const YAML::Node& reference) {
        const auto text = reference.as<std::string>();
        return text.substr(text.rfind('/') + 1);
    }

    static std::string described(const YAML::Node& part) {
        return part["description"] ? part["description"].as<std::string>() : "";
    }

    /// A type in a few words: "integer, 1 to 100", "one of `a`, `b`", a link to a schema.
    std::string type_of(const YAML::Node& schema) const {
        if (schema["$ref"]) {
            const auto name = name_of(schema["$ref"]);
            std::string anchor{name};
            std::ranges::transform(anchor, anchor.begin(), [](unsigned char c) { return std::tolower(c); });
            return fmt::format("[{}](#{})", name, anchor);
        }
        if (schema["oneOf"])
            return joined(schema["oneOf"], " or ", [this](const auto& each) { return type_of(each); });
        if (schema["const"]) return fmt::format("`{}`", schema["const"].as<std::string>());
        if (schema["enum"]) return joined(schema["enum"], ", ", code);
        if (schema["items"]) return "list of " + type_of(schema["items"]);
        if (!schema["type"]) return "any";
        auto text = schema["type"].IsSequence()
                        ? joined(schema["type"], " or ",
                                 [](const auto& each) { return each.template as<std::string>(); })
                        : schema["type"].as<std::string>();
        if (schema["minimum"]) text += fmt::format(", at least {}", schema["minimum"].as<std::string>());
        if (schema["maximum"]) text += fmt::format(", at most {}", schema["maximum"].as<std::string>());
        if (schema["pattern"]) text += fmt::format(", `{}`", in_a_table(schema["pattern"].as<std::string>()));
        if (schema["default"]) text += fmt::format("; {} unless given", schema["default"].as<std::string>());
        return text;
    }

    static std::string in_a_table(std::string text) {
        for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
            text.insert(at, 1, '\\');
        return text;
    }

    static std::string code(const YAML::Node& value) {
        return value.IsNull() ? "null" : fmt::format("`{}`", value.as<std::string>());
    }

    template <class Write>
    static std::string joined(const YAML::Node& list, const std::string& between, Write write) {
        std::string text;
        for (const auto& each : list) text += (text.empty() ? "" : between) + write(each);
        return text;
    }

    void write_tag(const YAML::Node& tag) {
        const auto name = tag["name"].as<std::string>();
        text_ += fmt::format("\n## {}\n\n{}\n", name, tag["description"].as<std::string>());
        for (const auto& path : document_["paths"]) {
            for (const auto& operation : path.second) {
                if (operation.second["tags"][0].as<std::string>() != name) continue;
                auto method = operation.first.as<std::string>();
                std::ranges::transform(method, method.begin(),
                                       [](unsigned char c) { return std::toupper(c); });
                text_ += fmt::format("\n### {} {}\n\n", method, path.first.as<std::string>());
                write_operation(operation.second);
            }
        }
    }

    void write_operation(const YAML::Node& operation) {
        text_ += fmt::format("{}.", operation["summary"].as<std::string>());
        if (operation["description"]) text_ += ' ' + described(operation);
        text_ += "\n\n";
        if (operation["parameters"]) write_parameters(operation["parameters"]);
        if (operation["requestBody"]) {
            const auto content = operation["requestBody"]["content"]["application/json"];
            text_ += fmt::format("Body: {}\n\n", type_of(content["schema"]));
        }
        text_ += "| answer | |\n| --- | --- |\n";
        for (const auto& each : operation["responses"]) {
            const auto answer = resolved(each.second);
            const auto status = each.first.as<std::string>();
            text_ += fmt::format("| {} | {}", status, described(answer));
            if (status < "300" && answer["content"]) {
                const auto content = *answer["content"].begin();
                text_ += ' ' + type_of(content.second["schema"]);
            }
            text_ += " |\n";
        }
    }

    void write_parameters(const YAML::Node& parameters) {
        text_ += "| parameter | in | | |\n| --- | --- | --- | --- |\n";
        for (const auto& each : parameters) {
            const auto parameter = resolved(each);
            text_ += fmt::format("| `{}` | {} | {} | {} |\n", parameter["name"].as<std::string>(),
                                 parameter["in"].as<std::string>(), type_of(parameter["schema"]),
                                 described(parameter));
        }
        text_ += '\n';
    }

    void write_schemas() {
        text_ += "\n## Schemas\n";
        for (const auto& each : document_["components"]["schemas"]) {
            text_ += fmt::format("\n### {}\n\n", each.first.as<std::string>());
            write_schema(each.second);
        }
    }

    void write_schema(const YAML::Node& schema) {
        if (schema["description"]) text_ += described(schema) + "\n\n";
        if (schema["allOf"]) {
            for (const auto& each : schema["allOf"]) write_part(each);
            return;
        }
        if (!schema["properties"]) {
            text_ += type_of(schema) + '\n';
            return;
        }
        write_fields(schema, "");
    }

    void write_part(const YAML::Node& schema) {
        if (schema["$ref"]) {
            text_ += type_of(schema) + ", and\n\n";
        } else {
            write_fields(schema, "");
        }
    }

    static bool is_required(const YAML::Node& schema, const std::string& field) {
        const auto required = schema["required"];
        return std::ranges::any_of(
            required, [&field](const YAML::Node& each) { return each.as<std::string>() == field; });
    }

    void write_fields(const YAML::Node& schema, const std::string& prefix) {
        if (prefix.empty()) text_ += "| field | | |\n| --- | --- | --- |\n";
        for (const auto& each : schema["properties"]) {
            const auto key = each.first.as<std::string>();
            const auto name = prefix + key;
            const auto& field = each.second;
            text_ += fmt::format("| `{}` | {}{} | {} |\n", name, type_of(field),
                                 is_required(schema, key) ? "" : "; optional", described(field));
            if (field["properties"]) write_fields(field, name + '.');
        }
    }

    YAML::Node document_;
    std::string text_;
};

}  // namespace

std::string api_reference(const YAML::Node& document) { return page_writer{document}.page(); }

}  // namespace turnix::api
