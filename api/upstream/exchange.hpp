// What goes over one connection: rows of this node up, rows of the others down.
//
// Used by the thread of its connection, which waits for the store and for the database. Both ways are
// idempotent: what is cut off is done again. Throws upstream_error and store_error.
#pragma once

#include "api/store/store.hpp"
#include "api/upstream/connection.hpp"
#include "api/upstream/outbox.hpp"
#include "common/telemetry/counter.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace turnix::upstream {

/// These rows of the store are others now.
using on_change = std::function<void(shared_kind, std::vector<shared_id>)>;

struct exchange_counts {
    telemetry::counter sent;
    telemetry::counter taken;
    telemetry::counter conflicts;
    telemetry::counter refused;
};

class exchange {
  public:
    static constexpr std::size_t rows_a_page = 500;

    struct parts {
        connection& link;
        store::store& records;
        const on_change& changed;
        exchange_counts& counts;
    };
    explicit exchange(const parts& of);

    /// Everything that was written there since the last time.
    void pull();
    /// Everything that is due here. Returns how many rows wait still.
    std::uint64_t push();
    /// What projects do not want kept any longer.
    void forget_old_history();

  private:
    struct upstream_state {
        std::int64_t last_change{0};
        std::string id;
    };

    upstream_state state();
    std::vector<row> read_page(const shared_table& table, std::int64_t after, std::int64_t up_to);
    std::vector<row> read_all(const shared_table& table, std::int64_t up_to);
    void pull_tenants(std::int64_t up_to);
    void pull_pages(const shared_table& table, std::int64_t up_to);
    void count(const shared_table& table, taken_rows taken);

    void push_table(const shared_table& table, std::int64_t newest);
    /// False when one of them has to wait for the next pull().
    bool send(const shared_table& table, std::span<const waiting_row> rows);
    std::vector<waiting_row> written(const shared_table& table, std::span<const waiting_row> rows);
    void settle_in_store(const shared_table& table, std::span<const waiting_row> rows);
    void notify();

    parts parts_;
    std::string node_;
    std::int64_t pulled_{-1};
    bool has_notices_{true};
    telemetry::rate_limited_log refusals_{"api.upstream"};
};

}  // namespace turnix::upstream
