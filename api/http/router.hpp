// From method and path to the handler: "/api/v1/tokens/{id}".
//
// Filled at start, immutable afterwards. Called on the thread that runs the server's io_context.
#pragma once

#include "api/http/message.hpp"
#include "common/clock/instant.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::http {

/// What a handler is told beside the request.
struct context {
    instant now;
    std::vector<named_value> path_parameters;  ///< decoded, in the pattern's order

    /// The value of a parameter that the pattern names; the pattern guarantees it.
    [[nodiscard]] const std::string& path_parameter(std::string_view name) const;
};

/// Fast and without disk: it runs on the control thread.
using handler = std::function<response(const request&, const context&)>;

struct route {
    http::method method{http::method::get};
    std::string pattern;
};

class router {
  public:
    /// A pattern's segment is literal or `{name}`; no two routes may match the same request, which throws
    /// std::logic_error.
    void add(const route& where, handler call);

    /// Never throws: an exception of a handler is logged with the request id and answered with 500.
    [[nodiscard]] response answer(const request& asked, instant now) const noexcept;

    /// Every route, in the order in which it was added.
    [[nodiscard]] std::vector<route> routes() const;

  private:
    struct entry {
        route where;
        std::vector<std::string> segments;
        handler call;
    };

    [[nodiscard]] response dispatch(const request& asked, instant now) const;

    std::vector<entry> entries_;
};

}  // namespace turnix::http
