#include "bench/turnix_bench/turn_session.hpp"

#include "common/crypto/random.hpp"
#include "relay/stun/address_attribute.hpp"
#include "relay/stun/attributes.hpp"
#include "relay/stun/error_code.hpp"
#include "relay/stun/integrity.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace turnix::bench {

using stun::attribute_type;

turn_session::turn_session(const login& credential, const net::endpoint& peer)
    : credential_{credential}, peer_{peer} {
    write_request();
}

bool turn_session::on_message(std::span<const std::byte> message) {
    const auto view = stun::message_view::parse(message);
    if (!view || view->header().transaction_id != transaction_) return false;
    if (const auto nonce = view->find(attribute_type::nonce)) nonce_ = stun::decode_text(*nonce);
    if (const auto error = view->find(attribute_type::error_code)) {
        on_error(*error, *view);
        return true;
    }
    if (step_ == step::allocating) {
        const auto relayed = view->find(attribute_type::xor_relayed_address);
        if (relayed) relayed_ = stun::decode_xor_address(*relayed, transaction_).value();
        step_ = step::binding;
        write_request();
    } else if (step_ == step::binding) {
        step_ = step::ready;
    } else if (step_ == step::releasing) {
        step_ = step::released;
    }
    return true;
}

void turn_session::on_error(std::span<const std::byte> error, const stun::message_view& message) {
    const auto code = stun::decode_error_code(error).value();
    const auto realm = message.find(attribute_type::realm);
    const bool asks = code == stun::error_code::unauthenticated && realm && realm_.empty();
    const bool is_stale = code == stun::error_code::stale_nonce && !std::exchange(stale_answered_, true);
    if (!asks && !is_stale) {
        throw std::runtime_error{fmt::format("the server answers {}", static_cast<int>(code))};
    }
    if (realm) realm_ = stun::decode_text(*realm);
    write_request();
}

void turn_session::release() {
    step_ = step::releasing;
    write_request();
}

void turn_session::write_request() {
    crypto::fill_random(transaction_.bytes);
    const auto method = step_ == step::allocating ? stun::method::allocate
                        : step_ == step::binding  ? stun::method::channel_bind
                                                  : stun::method::refresh;
    std::array<std::byte, 2048> buffer{};
    stun::message_writer out{buffer, {method, stun::message_class::request, transaction_}};
    add_attributes(out);
    if (!realm_.empty()) {
        out.add(attribute_type::username, credential_.username);
        out.add(attribute_type::realm, realm_);
        out.add(attribute_type::nonce, nonce_);
        out.add_message_integrity(stun::long_term_key_md5(
            {.username = credential_.username, .realm = realm_, .password = credential_.password}));
    }
    request_.assign(out.message().begin(), out.message().end());
}

void turn_session::add_attributes(stun::message_writer& to) const {
    if (step_ == step::allocating) {
        stun::add_requested_transport(to, stun::transport_protocol::udp);
        if (peer_.address.is_v6()) {
            stun::add_address_family(to, attribute_type::requested_address_family, net::family::ipv6);
        }
    } else if (step_ == step::binding) {
        stun::add_channel_number(to, channel);
        stun::add_xor_address(to, attribute_type::xor_peer_address, peer_);
    } else {
        stun::add_lifetime(to, std::chrono::seconds{0});
    }
}

}  // namespace turnix::bench
