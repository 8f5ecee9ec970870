// A request and its answer as plain values: what handlers, the router and the tests see of HTTP.
//
// Made and consumed on the thread that runs the server's io_context; sockets and parsers stay in the server.
#pragma once

#include "common/net/endpoint.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::http {

/// `other` stands for every method that no route of ours can have.
enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

/// "GET", "DELETE", ...; "OTHER" for the rest.
std::string_view to_string(method value) noexcept;
/// Methods are case-sensitive (RFC 9110 §9.1).
method parse_method(std::string_view text) noexcept;

/// Name and value of a header field, a query parameter or a form field.
struct named_value {
    std::string name;
    std::string value;

    friend bool operator==(const named_value&, const named_value&) = default;
};

/// Header fields in their order; a message has few, so that a walk beats a table.
class header_fields {
  public:
    header_fields() = default;
    header_fields(std::initializer_list<named_value> values) : values_{values} {}

    /// The first field of that name, whatever its case (RFC 9110 §5.1); null when there is none.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    /// All fields of that name as one comma-separated list (RFC 9110 §5.3); empty when there is none.
    [[nodiscard]] std::string list(std::string_view name) const;
    void add(std::string name, std::string value);

    [[nodiscard]] auto begin() const noexcept { return values_.begin(); }
    [[nodiscard]] auto end() const noexcept { return values_.end(); }

  private:
    std::vector<named_value> values_;
};

/// How a request came in: over the network, over the Unix-domain socket that only the operator can open, or
/// from another node of the fleet, which has admitted the caller.
enum class origin : std::uint8_t { network, control_socket, fleet_node };

struct request {
    http::method method{http::method::get};
    std::string path;  ///< percent-encoded as it came, without the query
    std::vector<named_value> query;
    header_fields headers;
    std::string body;
    /// The other end of the connection; nothing over the control socket.
    std::optional<net::endpoint> remote;
    /// Who asks, after the trusted proxies' X-Forwarded-For; nothing over the control socket.
    std::optional<net::address> client;
    http::origin origin{http::origin::network};
    std::string request_id;
};

struct response;
class body_stream;
/// Where an answer goes that comes later; on the io_context's thread, once.
using responder = std::function<void(response)>;

struct response {
    std::uint16_t status{200};
    header_fields headers{};
    std::string body{};
    /// Follows `body`: bytes that live as long as the process, which no connection makes a copy of.
    std::string_view lasting_body{};
    /// Set when the answer comes later: told once where it goes. The other members count for nothing then.
    std::function<void(responder)> later{};
    /// Set when the body follows piece by piece, in the place of `body`: told once where it goes. The
    /// connection ends with it.
    std::function<void(std::shared_ptr<body_stream>)> stream{};
};

/// The answer itself, where what comes later comes at once: no other thread is at work on it.
response at_once(response answer);

/// An answer with a JSON document as its body.
response json_response(std::uint16_t status, std::string document);

/// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

}  // namespace turnix::http
