// The extension tier's strict reading of a JSON body: unknown and repeated fields are errors.
//
// For POST and PATCH alike, a reader changes what it is given: a field that is absent leaves it as it is,
// null takes an optional one away. The first fault stays.
#pragma once

#include "api/http/body.hpp"
#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "common/clock/instant.hpp"
#include "common/net/result.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::api {

/// 422 for one field.
http::error invalid_field(std::string_view field, std::string message);

/// 503: no more of what the nodes of a fleet share can be made.
http::error no_room_for_records();

/// A JSON object as the body; none at all is an empty one. Errors: malformed, unsupported_media_type.
[[nodiscard]] result<http::body_fields, http::error> read_strict_body(const http::request& from);

struct integer_range {
    std::int64_t least{0};
    std::int64_t most{std::numeric_limits<std::int64_t>::max()};
};

struct text_rule {
    std::function<bool(std::string_view)> fits;
    std::string_view message;  ///< what it must be: "must be a text of 1 to 100 bytes"
};

class field_reader {
  public:
    /// `prefix` is how errors name the object: "settings."; `fields` outlives the reader.
    explicit field_reader(const http::body_fields& fields, std::string prefix = {});

    [[nodiscard]] bool has(std::string_view name) const noexcept;

    void text(std::string_view name, const text_rule& rule, std::string& into);
    /// Null makes it empty.
    void optional_text(std::string_view name, const text_rule& rule, std::string& into);
    void boolean(std::string_view name, bool& into);
    void time(std::string_view name, std::optional<wall_time>& into);
    /// One of `names`, by its place.
    void choice(std::string_view name, std::span<const std::string_view> names,
                std::optional<std::size_t>& into);
    /// Anything that is made of one integer: an integer, a duration.
    template <class Number>
    void number(std::string_view name, integer_range range, std::optional<Number>& into) {
        std::optional<std::int64_t> value;
        if (!integer(name, range, value)) return;
        into = value ? std::optional{Number(*value)} : std::nullopt;
    }
    /// Not null; one text at least.
    void texts(std::string_view name, std::vector<std::string>& into);
    void object(std::string_view name, const std::function<void(field_reader&)>& read);

    /// From a check of the caller's own.
    void fail(std::string_view name, std::string_view message);
    void require(std::string_view name);
    /// Every field that was not asked for is unknown. Once, when all are read.
    [[nodiscard]] std::optional<http::error> finish();

  private:
    /// Null when it is absent.
    const http::body_value* take(std::string_view name);
    /// False when there is nothing to change.
    bool integer(std::string_view name, integer_range range, std::optional<std::int64_t>& into);

    const http::body_fields& fields_;
    std::string prefix_;
    std::vector<std::string_view> known_;
    std::optional<http::error> fault_;
};

}  // namespace turnix::api
