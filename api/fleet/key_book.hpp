// The key ring of a node while it runs: keys are made, told to the other nodes, taken into use and retired.
//
//   new ──use──▶ active ──another one is used──▶ former ──retire──▶ retired ──▶ gone, with what it has sealed
//
// Each node tells which keys it holds and which one it seals with, so that a key is used only when every node
// that lives has it, and retired only when none seals with it any more. What the ring is stands in its file;
// a file that cannot be written costs nothing but that a restart asks the other nodes again.
//
// Control thread.
#pragma once

#include "api/fleet/key_fact.hpp"
#include "api/model/version_clock.hpp"
#include "common/telemetry/rate_limited_log.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace turnix::fleet {

enum class key_state : std::uint8_t { fresh, active, former, retired };
/// "new", "active", "former", "retired".
[[nodiscard]] std::string_view to_string(key_state value) noexcept;
[[nodiscard]] key_state state_of(const credential::key& key, const credential::key_ring& in, wall_time now);

/// Why something is not done: a sentence.
struct key_refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class key_book {
  public:
    using ring_pointer = std::shared_ptr<const credential::key_ring>;

    struct options {
        std::filesystem::path file;
        ring_pointer ring;
        std::uint16_t node{0};  ///< tells the versions of this node from those of others
    };

    explicit key_book(options from);

    /// Hears of every ring that takes the place of the one before.
    void on_change(std::function<void(const ring_pointer&)> use) { use_ = std::move(use); }
    struct fleet_face {
        gossip::node_id self;
        std::function<std::vector<gossip::node_id>()> living;  ///< the others
        std::function<void(gossip::fact)> tell;
        std::function<std::string(const gossip::node_id&)> name_of;
    };
    /// From here on there are other nodes.
    void join(fleet_face face) { fleet_ = std::move(face); }
    /// Tells what this node holds, when others can be told.
    void announce(wall_time now);
    /// What of the ring is told to other nodes.
    [[nodiscard]] std::vector<gossip::fact> facts() const;

    [[nodiscard]] const credential::key_ring& ring() const noexcept { return *ring_; }
    [[nodiscard]] const ring_pointer& shared_ring() const noexcept { return ring_; }
    /// The nodes that live and lack the key, by name.
    [[nodiscard]] std::vector<std::string> lacking(const credential::key& key) const;

    /// All of these throw key_refusal, and std::runtime_error when the file cannot be written; nothing has
    /// changed then. `forced`: whatever other nodes hold.
    credential::key_number add(wall_time now);
    void use(credential::key_number number, wall_time now, bool forced);
    /// It opens what it has sealed for `lifetime` longer.
    void retire(credential::key_number number, std::chrono::seconds lifetime, wall_time now, bool forced);

    /// What another node has told.
    void take(const gossip::fact& told, wall_time now);
    /// What is outlived goes. To be called now and then.
    void tick(wall_time now);

  private:
    void take_key(credential::key told, wall_time now);
    void take_held(const held_keys& told, std::uint64_t version, wall_time now);
    [[nodiscard]] const credential::key& find(credential::key_number number) const;
    /// A change that is made here.
    void change(credential::key changed, wall_time now, bool is_final = false);
    /// A change that others have made: it holds even when it cannot be written.
    void put(credential::key_ring changed, wall_time now);
    void begin(credential::key_ring changed, wall_time now);
    [[nodiscard]] std::vector<std::string> names_of_living(
        const std::function<bool(const held_keys*)>& which) const;

    std::filesystem::path file_;
    ring_pointer ring_;
    model::version_clock clock_;
    std::function<void(const ring_pointer&)> use_{[](const ring_pointer&) {}};
    fleet_face fleet_;
    std::map<gossip::node_id, held_keys> held_;
    held_keys told_;  ///< what this node said of itself last
    telemetry::rate_limited_log refusals_{"api.fleet"};
    telemetry::rate_limited_log unsaved_{"api.fleet"};
};

}  // namespace turnix::fleet
