#include "api/store/webhook_table.hpp"

#include <sstream>

namespace turnix::store {

namespace {

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Columns as every query of this file names them.
model::webhook webhook_of(const sqlite_rows& rows) {
    return {.id = rows.get<webhook_id>(0),
            .project = rows.get<project_id>(1),
            .url = rows.get<std::string>(2),
            .events = words_of(rows.get<std::string>(3)),
            .secret = rows.get<std::string>(4),
            .enabled = rows.get<std::int64_t>(5) != 0,
            .created_at = rows.get<wall_time>(6)};
}

model::delivery delivery_of(const sqlite_rows& rows) {
    using time = std::optional<wall_time>;
    return {.id = rows.get<delivery_id>(0),
            .webhook = rows.get<webhook_id>(1),
            .event = rows.get<event_id>(2),
            .event_name = rows.get<std::string>(3),
            .body = rows.get<std::string>(4),
            .created_at = rows.get<wall_time>(5),
            .attempts = rows.get<std::int64_t>(6),
            .due_at = rows.get<time>(7),
            .give_up_at = rows.get<wall_time>(8),
            .delivered_at = rows.get<time>(9),
            .last_status = rows.get<std::optional<std::int64_t>>(10),
            .last_fault = rows.get<std::optional<std::string>>(11)};
}

}  // namespace

std::vector<model::webhook> read_webhooks(sqlite_database& from) {
    std::vector<model::webhook> all;
    auto rows = from.query(
        "select id, project_id, url, events, secret, enabled, created_at_ms from webhooks"
        " order by created_at_ms, id");
    while (rows.next()) all.push_back(webhook_of(rows));
    return all;
}

std::optional<model::webhook> find_webhook(sqlite_database& from, webhook_id id) {
    auto rows = from.query(
        "select id, project_id, url, events, secret, enabled, created_at_ms from webhooks where id = ?", id);
    return rows.next() ? std::optional{webhook_of(rows)} : std::nullopt;
}

void insert_webhook(sqlite_database& into, const model::webhook& webhook) {
    into.run(
        "insert into webhooks (id, project_id, url, events, secret, enabled, created_at_ms)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        webhook.id, webhook.project, webhook.url, joined(webhook.events), webhook.secret,
        static_cast<int>(webhook.enabled), webhook.created_at);
}

void update_webhook(sqlite_database& in, const model::webhook& webhook) {
    in.run("update webhooks set url = ?2, events = ?3, secret = ?4, enabled = ?5 where id = ?1", webhook.id,
           webhook.url, joined(webhook.events), webhook.secret, static_cast<int>(webhook.enabled));
}

void delete_webhook(sqlite_database& from, webhook_id id) {
    from.run("delete from webhooks where id = ?", id);
}

void insert_delivery(sqlite_database& into, const model::delivery& delivery) {
    into.run(
        "insert into deliveries (id, webhook_id, event_id, event, body, created_at_ms, due_at_ms,"
        " give_up_at_ms) select ?1, id, ?3, ?4, ?5, ?6, ?7, ?8 from webhooks where id = ?2"
        " on conflict do nothing",
        delivery.id, delivery.webhook, delivery.event, delivery.event_name, delivery.body,
        delivery.created_at, delivery.due_at, delivery.give_up_at);
}

void update_delivery(sqlite_database& in, const model::delivery& delivery) {
    in.run(
        "update deliveries set attempts = ?2, due_at_ms = ?3, give_up_at_ms = ?4, delivered_at_ms = ?5,"
        " last_status = ?6, last_fault = ?7 where id = ?1",
        delivery.id, delivery.attempts, delivery.due_at, delivery.give_up_at, delivery.delivered_at,
        delivery.last_status, delivery.last_fault);
}

std::vector<model::delivery> read_due_deliveries(sqlite_database& from, wall_time now,
                                                 std::size_t limit_each) {
    std::vector<model::delivery> all;
    auto rows = from.query(
        "select d.id, webhook_id, event_id, event, body, d.created_at_ms, attempts, due_at_ms, give_up_at_ms,"
        " delivered_at_ms, last_status, last_fault from webhooks w join deliveries d on d.id in"
        " (select id from deliveries where webhook_id = w.id and due_at_ms <= ?1 order by due_at_ms limit ?2)"
        " where w.enabled order by due_at_ms",
        now, limit_each);
    while (rows.next()) all.push_back(delivery_of(rows));
    return all;
}

std::vector<model::delivery> read_deliveries(sqlite_database& from, const delivery_query& what) {
    std::vector<model::delivery> all;
    auto rows = from.query(
        "select id, webhook_id, event_id, event, body, created_at_ms, attempts, due_at_ms, give_up_at_ms,"
        " delivered_at_ms, last_status, last_fault from deliveries where webhook_id = ?1"
        " and (?2 is null or ?2 = case when delivered_at_ms is not null then 'delivered'"
        "   when due_at_ms is not null then 'pending' else 'dead' end)"
        " and (?3 is null or (created_at_ms, id) < (?3, ?4))"
        " order by created_at_ms desc, id desc limit ?5",
        what.webhook, what.state, what.before, what.before_id, what.limit);
    while (rows.next()) all.push_back(delivery_of(rows));
    return all;
}

std::optional<model::delivery> find_delivery(sqlite_database& from, webhook_id webhook, delivery_id id) {
    auto rows = from.query(
        "select id, webhook_id, event_id, event, body, created_at_ms, attempts, due_at_ms, give_up_at_ms,"
        " delivered_at_ms, last_status, last_fault from deliveries where id = ? and webhook_id = ?",
        id, webhook);
    return rows.next() ? std::optional{delivery_of(rows)} : std::nullopt;
}

void delete_old_deliveries(sqlite_database& from, wall_time until) {
    from.run("delete from deliveries where due_at_ms is null and created_at_ms < ?", until);
}

}  // namespace turnix::store
