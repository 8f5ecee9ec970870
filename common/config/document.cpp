#include "common/config/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace turnix::config {
namespace {

constexpr std::size_t depth_max = 16;

unsigned line_of(const YAML::Mark& mark) noexcept { return static_cast<unsigned>(mark.line) + 1; }

/// Builds the tree from the parser's events. A fault is thrown: the parser knows no other way to stop.
class tree_builder final : public YAML::EventHandler {
  public:
    explicit tree_builder(const std::string& source) : source_{source} { open_.reserve(depth_max); }

    document_node take() noexcept { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        if (expects_key()) refuse(mark, "a key is missing", "write KEY: VALUE");
        place({.is = document_node::form::null, .line = line_of(mark)});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { refuse_anchor(mark, anchor); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        if (expects_key()) return open_key(mark, value);
        place({.is = document_node::form::scalar, .line = line_of(mark), .scalar = value});
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, anchor, document_node::form::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, anchor, document_node::form::mapping);
    }
    void OnMapEnd() override { close(); }

  private:
    /// A sequence or mapping that has begun and not ended; in a mapping, a key that waits for its value.
    struct opened {
        document_node node;
        std::string key;
        bool key_given{false};
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string problem, std::string remedy) const {
        throw fault{
            .at = {source_, line_of(mark)}, .problem = std::move(problem), .remedy = std::move(remedy)};
    }
    void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
        if (anchor != YAML::NullAnchor) {
            refuse(mark, "anchors and aliases are not accepted", "write the value out");
        }
    }
    [[nodiscard]] bool expects_key() const noexcept {
        return !open_.empty() && open_.back().node.is == document_node::form::mapping &&
               !open_.back().key_given;
    }
    void open_key(const YAML::Mark& mark, const std::string& key) {
        if (open_.back().node.find(key) != nullptr) {
            refuse(mark, fmt::format("the key \"{}\" stands twice in one mapping", key), "remove one");
        }
        open_.back().key = key;
        open_.back().key_given = true;
    }
    void open(const YAML::Mark& mark, YAML::anchor_t anchor, document_node::form form) {
        refuse_anchor(mark, anchor);
        if (expects_key()) refuse(mark, "a key is a list or a mapping", "write KEY: VALUE");
        if (open_.size() == depth_max) refuse(mark, "nested too deeply", "see docs/configuration.md");
        open_.push_back({.node = {.is = form, .line = line_of(mark)}, .key = {}});
    }
    void close() {
        auto finished = std::move(open_.back().node);
        open_.pop_back();
        place(std::move(finished));
    }
    void place(document_node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& parent = open_.back();
        node.key = std::exchange(parent.key, {});
        parent.key_given = false;
        parent.node.members.push_back(std::move(node));
    }

    const std::string& source_;
    document_node root_;
    std::vector<opened> open_;
};

bool stays_itself_unquoted(std::string_view text) noexcept {
    constexpr std::string_view safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-";
    return !text.empty() && text.front() != '-' && text.find_first_not_of(safe) == std::string_view::npos &&
           text != "null" && text != "Null" && text != "NULL";
}

std::string join_members(const document_node& node) {
    std::string text;
    for (const auto& member : node.members) {
        if (!text.empty()) text += ", ";
        if (node.is == document_node::form::mapping) text += yaml_scalar(member.key) + ": ";
        text += member.is == document_node::form::scalar ? yaml_scalar(member.scalar) : member.to_string();
    }
    return text;
}

}  // namespace

const document_node* document_node::find(std::string_view member) const noexcept {
    const auto found =
        std::ranges::find_if(members, [member](const auto& candidate) { return candidate.key == member; });
    return found == members.end() ? nullptr : &*found;
}

std::string document_node::to_string() const {
    switch (is) {
        case form::null:
            return "null";
        case form::scalar:
            return scalar;
        case form::sequence:
            return fmt::format("[{}]", join_members(*this));
        case form::mapping:
            break;
    }
    return fmt::format("{{{}}}", join_members(*this));
}

std::string yaml_scalar(std::string_view text) {
    if (stays_itself_unquoted(text)) return std::string{text};
    std::string quoted{"\""};
    for (const char character : text) {
        if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) {
            quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
        } else {
            if (character == '"' || character == '\\') quoted += '\\';
            quoted += character;
        }
    }
    return quoted + '"';
}

result<document_node, fault> parse_document(const std::string& text, const std::string& source) {
    std::istringstream stream{text};
    tree_builder builder{source};
    try {
        YAML::Parser parser{stream};
        parser.HandleNextDocument(builder);
        auto root = builder.take();
        if (parser.HandleNextDocument(builder)) {
            return fault{.at = {source, builder.take().line},
                         .problem = "a second document begins",
                         .remedy = "keep one document in the file"};
        }
        return root;
    } catch (const fault& found) {
        return found;
    } catch (const YAML::Exception& error) {
        return fault{.at = {source, line_of(error.mark)},
                     .problem = fmt::format("this is not YAML: {}", error.msg),
                     .remedy = "mend the syntax"};
    }
}

}  // namespace turnix::config
