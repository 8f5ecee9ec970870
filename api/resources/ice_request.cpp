#include "api/resources/ice_request.hpp"

#include "common/credential/names.hpp"

#include <fmt/format.h>

#include <charconv>

namespace turnix::api {

namespace {

using http::error;
using http::error_code;

constexpr const char* client_header = "X-TURN-CLIENT-IP";

error invalid(std::string_view field, std::string message) {
    return {.code = error_code::field_invalid, .message = std::move(message), .param = std::string{field}};
}

/// Reads fields one after another; the first fault stays.
class field_reader {
  public:
    explicit field_reader(const http::body_fields& fields) noexcept : fields_{fields} {}

    std::string text(std::string_view name) {
        const auto* const found = http::find_last(fields_, name);
        if (found == nullptr || std::holds_alternative<std::nullptr_t>(found->value)) return {};
        if (const auto* const given = std::get_if<std::string>(&found->value)) return *given;
        fail(invalid(name, fmt::format("{} must be a string.", name)));
        return {};
    }

    std::string name(std::string_view field) {
        auto given = text(field);
        if (!given.empty() && !credential::is_name(given)) {
            fail(invalid(field, fmt::format("{} may have at most {} characters out of A-Z a-z 0-9 - _.",
                                            field, credential::name_characters_max)));
        }
        return given;
    }

    std::optional<std::chrono::seconds> ttl(std::chrono::seconds most) {
        const auto* const found = http::find_last(fields_, "ttl");
        if (found == nullptr || std::holds_alternative<std::nullptr_t>(found->value)) return std::nullopt;
        std::int64_t seconds{0};
        if (const auto* const number = std::get_if<std::int64_t>(&found->value)) {
            seconds = *number;
        } else if (const auto* const digits = std::get_if<std::string>(&found->value)) {
            if (digits->empty()) return std::nullopt;
            const auto* const end = digits->data() + digits->size();
            if (std::from_chars(digits->data(), end, seconds).ptr != end) seconds = 0;
        }
        if (seconds < 1 || seconds > most.count()) {
            fail(invalid("ttl",
                         fmt::format("ttl must be a whole number of seconds from 1 to {}.", most.count())));
        }
        return std::chrono::seconds{seconds};
    }

    void fail(error what) {
        if (!fault_) fault_ = std::move(what);
    }
    [[nodiscard]] std::optional<error>& fault() noexcept { return fault_; }

  private:
    const http::body_fields& fields_;
    std::optional<error> fault_;
};

}  // namespace

result<ice_request, error> read_ice_request(const http::request& from, const http::body_fields& body,
                                            std::chrono::seconds ttl_max) {
    field_reader reader{body};
    ice_request asked;
    asked.room = reader.name("room");
    asked.initiator_client = reader.name("initiator_client");
    asked.receiver_client = reader.name("receiver_client");
    asked.ttl = reader.ttl(ttl_max);
    asked.fixed_region = reader.text("fixed_region");
    asked.preferred_region = reader.text("preferred_region");
    if (asked.preferred_region.empty()) asked.preferred_region = reader.text("preffered_region");
    if (const auto* const client = from.headers.find(client_header)) {
        const auto parsed = net::address::parse(*client);
        if (parsed) {
            asked.client = *parsed;
        } else {
            reader.fail(invalid(client_header, "X-TURN-CLIENT-IP must be an IPv4 or IPv6 address."));
        }
    }
    if (auto& fault = reader.fault()) return std::move(*fault);
    return asked;
}

}  // namespace turnix::api
