#include "api/store/idempotency_table.hpp"

namespace turnix::store {

std::optional<idempotent_request> begin_request(sqlite_database& in, const idempotent_request& request,
                                                wall_time now) {
    in.run("delete from idempotency where at_ms <= ?", now - idempotency_kept);
    in.run("insert into idempotency (id, fingerprint, at_ms) values (?, ?, ?) on conflict (id) do nothing",
           request.id, request.fingerprint, now);
    if (in.changes() == 1) return std::nullopt;
    auto rows = in.query("select fingerprint, answer from idempotency where id = ?", request.id);
    rows.next();
    return idempotent_request{.id = request.id,
                              .fingerprint = rows.get<request_digest>(0),
                              .answer = rows.get<std::optional<std::vector<std::byte>>>(1)};
}

void keep_answer(sqlite_database& in, const request_digest& id, std::span<const std::byte> answer) {
    in.run("update idempotency set answer = ? where id = ?", answer, id);
}

void forget_request(sqlite_database& in, const request_digest& id) {
    in.run("delete from idempotency where id = ?", id);
}

}  // namespace turnix::store
