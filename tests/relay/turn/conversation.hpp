// A conversation of several clients with one node, in which every step is chosen by somebody else: a seeded
// generator in the property test, the input in the fuzz target. After every step it checks what must hold
// whatever was said, and throws broken_promise when it does not.
#pragma once

#include "tests/relay/turn/test_client.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace turnix::turn_test {

struct broken_promise : std::logic_error {
    using std::logic_error::logic_error;
};

class conversation {
  public:
    /// Yields a number below the one it is given.
    using chooser = std::function<std::uint32_t(std::uint32_t)>;

    conversation(world& in, chooser choose);

    void step();
    /// Ends every session: nothing may be left of any.
    void end();

  private:
    struct participant {
        test_client client;
        std::size_t path;  ///< two participants share one
        stun::transaction_id last_id{};
        net::endpoint relayed{};
    };

    void request(participant& by);
    void indicate(participant& by);
    void say_on_channel(participant& by);
    void hear_from_peer();
    void say_noise(participant& by);
    void lose(const participant& by);
    /// A connection from a peer, or what came of a CONNECT.
    void connect_from_peer();
    void finish_connect();
    /// From a further connection of the last participant's user.
    void bind_connection();
    /// Bytes on a bound connection, or its end.
    void use_connection();

    attributes chosen_attributes(const participant& by, method of);
    net::endpoint chosen_peer();
    bool one_in(std::uint32_t bound) { return choose_(bound) == 0; }

    answered say(const participant& by, std::span<const std::byte> message);
    void check_sent(const participant& by, const turn::to_peer& sent) const;
    void check_reachable(const net::endpoint& peer) const;
    void check_told(const std::optional<turn::notice>& told);
    void check_balance();
    void note_permissions(const participant& by, std::span<const std::byte> request);

    world& world_;
    chooser choose_;
    std::vector<participant> participants_;
    participant binder_;
    std::uint32_t speaks_most_{0};      ///< of the participants
    std::string reserved_{"no token"};  ///< the last token that was given out
    /// When each peer was last permitted, by path.
    std::array<std::map<net::address, monotonic_time>, 4> permitted_;
    std::string connection_{"none"};  ///< the last CONNECTION-ID that was given out
    std::vector<turn::waiting_connection> bound_;
    int open_streams_{0};
};

}  // namespace turnix::turn_test
