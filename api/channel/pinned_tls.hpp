// TLS between nodes: 1.3 only, each side shows its node key in a certificate of its own making, and the other
// one compares the key with those that it expects. No authority, no names, no dates, no resumption.
//
// That the peer has the key follows from its signature in the handshake (RFC 8446 §4.4.3).
#pragma once

#include "common/crypto/ed25519.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <vector>

namespace turnix::channel {

using pinned_keys = std::vector<crypto::ed25519_public_key>;

/// For either role. Whose key is not in `expected` at that moment gets no further than the handshake. The
/// peers' certificates may say what they like beside it.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> make_pinned_tls(
    const crypto::secret<32>& own_key, std::shared_ptr<const pinned_keys> expected);

}  // namespace turnix::channel
