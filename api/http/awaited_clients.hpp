// Whom the server waits for, and who of them gives way to a newcomer: of the source (/32, /64) for whose
// connections it waits most, the one that it waits for longest.
//
// One for a server, on its thread. It hears of every phase of a connection, so that choosing is one look,
// however many there are. A place takes its memory when its connection comes, and none later.
#pragma once

#include "common/net/address.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <map>

namespace turnix::http {

class connection;

class awaited_clients {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    class place;

    /// Null when the server waits for nobody.
    [[nodiscard]] connection* least_welcome() const noexcept;

  private:
    struct client {
        connection* whose;
        time_point since;
    };
    struct source;
    /// How unwelcome a source is.
    struct rank {
        std::size_t awaited;
        time_point since;  ///< of the one that is waited for longest

        friend bool operator<(const rank& left, const rank& right) noexcept {
            return left.awaited != right.awaited ? left.awaited > right.awaited : left.since < right.since;
        }
    };
    using ranking = std::multimap<rank, source*>;
    struct source {
        std::list<client> awaited{};  ///< the longest first
        std::list<client> others{};
        ranking::iterator ranked{};
    };

    using sources = std::map<net::address, source>;

    /// Puts it where its clients say.
    void rank_anew(source& which) noexcept;

    sources sources_;
    ranking ranking_;  ///< every source; the least welcome first
};

/// A connection's place, given back when this is destroyed. The server does not wait for it at first.
class awaited_clients::place {
  public:
    place(awaited_clients& in, connection& whose, const net::address& from);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    /// It is waited for since then, which is no earlier than any time said before.
    void await(time_point since) noexcept;
    /// It is not waited for any more.
    void let_be() noexcept;

  private:
    awaited_clients& in_;
    sources::iterator source_;
    std::list<client>::iterator client_;
    bool is_awaited_{false};
};

}  // namespace turnix::http
