// What several nodes answer to one request, made one answer.
//
// A list's order and its cursors mean the same on every node: of lists that are each cut at the limit, the
// first so many of all are whole, and what follows them is found again by the last one's cursor. An answer
// that cannot be read counts as none: its region is away.
#pragma once

#include "api/resources/endpoint.hpp"
#include "api/resources/iso_time.hpp"
#include "api/resources/page.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnix::api {

/// Adds what another node has. Throws when it is not of the form that this one writes.
using combiner = std::function<void(boost::json::object& to, const boost::json::object& more)>;

/// The members "sessions" and "traffic".
void add_sums(boost::json::object& to, const boost::json::object& more);

/// Has the others' answers read, without those that know nothing of it (404); returns the regions that are
/// away, those included whose answer `read` throws at.
std::vector<std::string> read_answers(const others_answers& others,
                                      const std::function<void(const boost::json::object&)>& read);
/// {"items":…,"next_cursor":…,"partial":…}
http::response merged_page(boost::json::array items, boost::json::value next_cursor,
                           const std::vector<std::string>& away);

/// Whether the request can be about something that there is.
using meant = std::function<bool(const call&)>;
/// For what one node has: what that one answers.
fleet_rule found_anywhere(meant is_meant);
/// For an object of which each node may have a part.
fleet_rule merged_object(meant is_meant, combiner combine);

/// What a list's items go by.
template <class Key>
struct list_rule {
    /// Throws when it is no item of the list.
    std::function<Key(const boost::json::object& item)> key_of;
    std::function<std::string(const Key&)> cursor_of;
    combiner combine{};  ///< empty where only one node can have an item
};

/// The place of an item with an id and a time of this name. Throws when it lacks them.
template <class Id>
place place_of_item(const boost::json::object& item, std::string_view time) {
    const auto at = parse_iso_time(item.at(time).as_string());
    const auto id = Id::parse(item.at("id").as_string());
    if (!at || !id) throw std::invalid_argument{"an item without its time or its id"};
    return place::of(*at, *id);
}

/// The pages of several nodes on their way to one, in the order of their items' keys.
template <class Key, class Order>
class page_merger {
  public:
    /// The rule outlives it.
    explicit page_merger(const list_rule<Key>& rule) : rule_{rule} {}

    /// Throws what the rule throws, and what lacks the form of a page.
    void take(const boost::json::object& page) {
        has_more_ |= !page.at("next_cursor").is_null();
        for (const auto& item : page.at("items").as_array()) {
            const auto& object = item.as_object();
            const auto [place, is_new] = all_.try_emplace(rule_.key_of(object), object);
            if (!is_new && rule_.combine) rule_.combine(place->second, object);
        }
    }

    /// The first so many of all.
    http::response finish(std::size_t limit, const std::vector<std::string>& away) {
        boost::json::array items;
        auto next = all_.begin();
        for (; next != all_.end() && items.size() < limit; ++next) items.push_back(std::move(next->second));
        boost::json::value next_cursor = nullptr;
        const bool has_more = has_more_ || next != all_.end();
        if (has_more && !items.empty()) next_cursor = rule_.cursor_of(std::prev(next)->first);
        return merged_page(std::move(items), std::move(next_cursor), away);
    }

  private:
    const list_rule<Key>& rule_;
    std::map<Key, boost::json::object, Order> all_;
    bool has_more_{false};
};

/// For a list, whose items `Order` sorts by their keys.
template <class Key, class Order = std::less<>>
fleet_rule merged_list(list_rule<Key> rule) {
    const auto merge = [rule = std::move(rule)](const call& asked, const http::response& own,
                                                const others_answers& others) {
        page_merger<Key, Order> pages{rule};
        pages.take(boost::json::parse(own.body).as_object());
        const auto away = read_answers(others, [&pages](const auto& page) { pages.take(page); });
        return pages.finish(page_limit_of(asked.request), away);
    };
    return {.is_open = [](const call&, const http::response& own) { return own.status == 200; },
            .merge = merge};
}

}  // namespace turnix::api
