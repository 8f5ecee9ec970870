// What the workers of a node say to each other about clients that move (RFC 8016), and how it gets across.
//
// A client's new 5-tuple comes in where the kernel puts it, which may be at another worker (here: the
// arrival) than its session (the home). What the client says there is carried home and answered from there,
// until data come: these wait at the arrival while the home hands the session over.
//
//   arrival                        home
//      │ ── asked (Refresh, ticket) ─▶ │  the former 5-tuple serves on
//      │ ◀── expected, answered ────── │
//      │ ── claimed ─────────────────▶ │  first data; what follows waits
//      │ ◀── handed_over ───────────── │  with ports, peers, timers, quota
//
// Off the packet's way. Between two workers, messages arrive in the order they were posted.
#pragma once

#include "relay/turn/moving_session.hpp"
#include "relay/turn/node_mobility.hpp"
#include "relay/turn/routes.hpp"

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace turnix::turn {

/// A message other than data for whoever has the session: from a 5-tuple that is expected, or with a ticket.
struct asked_from_afar {
    client_path path;
    worker_number arrival{0};
    std::vector<std::byte> message;
};

/// To be sent to the client as it is.
struct answered_from_afar {
    client_path path;
    std::vector<std::byte> message;
};

/// The session at `home` takes what comes from there.
struct expected_from_afar {
    client_path path;
    worker_number home{0};
};

/// Data came: the session is to move here.
struct claimed {
    client_path path;
    worker_number arrival{0};
};

/// The 5-tuple cannot be the session's: its connection is gone, or it is in use.
struct withdrawn {
    client_path path;
    worker_number arrival{0};
};

/// The session does not wait for that 5-tuple any more.
struct dismissed {
    client_path path;
};

struct handed_over {
    moving_session session;
};

using crossing = std::variant<asked_from_afar, answered_from_afar, expected_from_afar, claimed, withdrawn,
                              dismissed, handed_over>;

/// Implemented by the worker; called on its thread only.
class crossings {
  public:
    crossings() = default;
    crossings(const crossings&) = delete;
    crossings& operator=(const crossings&) = delete;
    virtual ~crossings() = default;

    /// For the server of that worker, which may be this one. Requests are dropped when too many wait there.
    virtual void post(worker_number to, crossing what) = 0;
    /// What a message came to that had waited: to be carried out before this returns.
    virtual void carry_out_now(const client_path& path, const client_effect& effect) = 0;
};

}  // namespace turnix::turn
