// Lists in pages: ?limit=&cursor= → {"items":[…],"next_cursor":…}.
//
// A list's order is (time, id), or that of a key; the cursor is the place or the key of the page's last item,
// so that nothing is missed or doubled when items come and go between two pages, and that it means the same
// on every node of the fleet.
#pragma once

#include "api/http/error.hpp"
#include "api/http/message.hpp"
#include "common/clock/instant.hpp"
#include "common/credential/identifiers.hpp"
#include "common/net/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <compare>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace turnix::api {

inline constexpr std::size_t page_limit_default = 50;
inline constexpr std::size_t page_limit_max = 100;

/// An item's place in a list; times count in milliseconds.
struct place {
    std::chrono::sys_time<std::chrono::milliseconds> at;
    detail::identifier_bytes id{};

    template <class Tag>
    static place of(wall_time at, const identifier<Tag>& id) noexcept {
        return {std::chrono::floor<std::chrono::milliseconds>(at), id.bytes};
    }
    /// In a list whose items are numbered: the number stands where else the time does.
    static place numbered(std::int64_t number, const detail::identifier_bytes& id = {}) noexcept {
        return {decltype(at){std::chrono::milliseconds{number}}, id};
    }
    [[nodiscard]] std::int64_t number() const noexcept { return at.time_since_epoch().count(); }

    /// Takes what to_string gives.
    static std::optional<place> parse(std::string_view text) noexcept;
    [[nodiscard]] std::string to_string() const;

    friend auto operator<=>(const place&, const place&) noexcept = default;
};

struct page_request {
    std::size_t limit{page_limit_default};
    std::optional<place> after;  ///< the last item of the page before
};

/// Of a list that is not in the order of places.
struct keyed_page_request {
    std::size_t limit{page_limit_default};
    std::optional<std::string> after;  ///< the key of the last item of the page before
};

/// The query's parameters: `limit`, `cursor` and those of `others`, each at most once. Errors: field_invalid.
[[nodiscard]] result<page_request, http::error> read_page_request(
    const http::request& from, std::initializer_list<std::string_view> others = {});
/// The same; `is_key` says which cursors the list can have given.
[[nodiscard]] result<keyed_page_request, http::error> read_keyed_page_request(
    const http::request& from, const std::function<bool(std::string_view)>& is_key,
    std::initializer_list<std::string_view> others = {});
/// What the query asks for, once it has been read.
[[nodiscard]] std::size_t page_limit_of(const http::request& asked) noexcept;
/// A time in the query, or nothing. Errors: field_invalid.
[[nodiscard]] result<std::optional<wall_time>, http::error> find_time_parameter(const http::request& from,
                                                                                std::string_view name);
/// 422 when the query has anything but `known`, or one of them twice.
[[nodiscard]] std::optional<http::error> refuse_parameters(const http::request& from,
                                                           std::span<const std::string_view> known);
/// Null when the query has no such parameter.
[[nodiscard]] const std::string* find_parameter(const http::request& from, std::string_view name) noexcept;

/// 200 with one page.
http::response page_response(boost::json::array items, boost::json::value next_cursor);

/// One page of what is at hand whole, in the order of `place_of`; `write` makes an item's JSON.
template <class Range, class PlaceOf, class Write>
http::response page_of(Range all, const page_request& page, PlaceOf place_of, Write write) {
    std::ranges::sort(all, {}, place_of);
    boost::json::array items;
    boost::json::value next_cursor = nullptr;
    std::optional<place> last;
    for (const auto& each : all) {
        const auto here = place_of(each);
        if (page.after && here <= *page.after) continue;
        if (items.size() == page.limit) {
            if (last) next_cursor = last->to_string();
            break;
        }
        items.push_back(write(each));
        last = here;
    }
    return page_response(std::move(items), std::move(next_cursor));
}

/// One page of rows that were read after the page's place or key and sorted, up to one more than its limit:
/// that one says that another page follows. `cursor_of` gives a row's place, or its key.
template <class Rows, class Page, class CursorOf, class Write>
http::response page_read(Rows rows, const Page& page, CursorOf cursor_of, Write write) {
    const bool has_more = rows.size() > page.limit;
    if (has_more) rows.pop_back();
    boost::json::array items;
    items.reserve(rows.size());
    for (const auto& each : rows) items.push_back(write(each));
    boost::json::value next_cursor = nullptr;
    if (has_more) next_cursor = cursor_of(rows.back()).to_string();
    return page_response(std::move(items), std::move(next_cursor));
}

}  // namespace turnix::api
