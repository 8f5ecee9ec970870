// Webhooks and the outbox of their deliveries in SQL.
//
// On the store's thread; everything throws store_error. Inserts and updates change nothing when they are done
// twice.
#pragma once

#include "api/model/webhook.hpp"
#include "api/store/sqlite_database.hpp"

#include <optional>
#include <vector>

namespace turnix::store {

/// In the order of their creation.
std::vector<model::webhook> read_webhooks(sqlite_database& from);
std::optional<model::webhook> find_webhook(sqlite_database& from, webhook_id id);
void insert_webhook(sqlite_database& into, const model::webhook& webhook);
/// URL, events, secret and whether it is enabled.
void update_webhook(sqlite_database& in, const model::webhook& webhook);
/// With its deliveries.
void delete_webhook(sqlite_database& from, webhook_id id);

/// Nothing is stored for a webhook that is gone.
void insert_delivery(sqlite_database& into, const model::delivery& delivery);
/// What a try came to.
void update_delivery(sqlite_database& in, const model::delivery& delivery);
/// Those that are due, of each enabled webhook at most `limit_each`, its longest overdue first.
std::vector<model::delivery> read_due_deliveries(sqlite_database& from, wall_time now,
                                                 std::size_t limit_each);

struct delivery_query {
    webhook_id webhook;
    std::optional<std::string> state;      ///< see model::delivery::state
    std::optional<wall_time> before;       ///< older than this, or as old
    std::optional<delivery_id> before_id;  ///< and of the same time only lesser ids
    std::size_t limit{0};
};
/// Newest first.
std::vector<model::delivery> read_deliveries(sqlite_database& from, const delivery_query& what);
std::optional<model::delivery> find_delivery(sqlite_database& from, webhook_id webhook, delivery_id id);
/// Those that have been settled since before `until`.
void delete_old_deliveries(sqlite_database& from, wall_time until);

}  // namespace turnix::store
