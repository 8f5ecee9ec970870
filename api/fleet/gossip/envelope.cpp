#include "api/fleet/gossip/envelope.hpp"

#include "common/credential/field_codec.hpp"
#include "common/crypto/hkdf.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace turnix::gossip {

namespace {

constexpr std::uint8_t format_version = 1;

using associated_data = std::array<std::byte, envelope::header_bytes + sizeof(node_id::bytes)>;

/// Header and recipient.
associated_data associate(std::span<const std::byte> header, const node_id& recipient) noexcept {
    associated_data joined{};
    const auto rest = std::ranges::copy(header, joined.begin()).out;
    std::ranges::copy(std::as_bytes(std::span{recipient.bytes}), rest);
    return joined;
}

}  // namespace

envelope::keyed envelope::derive(const credential::key& from, const node_id& sender,
                                 const boot_salt& salt) noexcept {
    std::array<std::uint8_t, sizeof(boot_salt) + sizeof sender.bytes> salt_and_sender{};
    std::ranges::copy(sender.bytes, std::ranges::copy(salt, salt_and_sender.begin()).out);
    crypto::secret<crypto::aes_gcm::key_bytes> key;
    crypto::hkdf_sha256({.secret = std::as_bytes(from.root.bytes()),
                         .salt = std::as_bytes(std::span{salt_and_sender}),
                         .label = "turnix gossip v1"},
                        std::as_writable_bytes(key.writable_bytes()));
    return {.number = from.number, .salt = salt, .cipher = crypto::aes_gcm{std::as_bytes(key.bytes())}};
}

std::optional<std::vector<std::byte>> envelope::seal(const node_id& to, std::span<const std::byte> plain,
                                                     wall_time now) {
    assert(plain.size() <= plain_bytes_max);
    const auto* const current = keys_->current(now);
    if (current == nullptr) return std::nullopt;
    if (!own_ || own_->number != current->number) own_ = derive(*current, self_, salt_);

    std::vector<std::byte> datagram(header_bytes + plain.size() + crypto::aes_gcm::tag_bytes);
    const std::span header{std::span{datagram}.first(header_bytes)};
    credential::field_writer write{header};
    write.integer(format_version, 1);
    write.integer(current->number, 2);
    write.bytes(self_.bytes);
    write.bytes(salt_);
    write.integer(++counter_, 8);
    own_->cipher.seal({.counter = counter_, .associated = associate(header, to)}, plain,
                      std::span{datagram}.subspan(header_bytes));
    return datagram;
}

std::optional<opened_datagram> envelope::open(std::span<const std::byte> datagram) {
    if (datagram.size() > datagram_bytes_max || datagram.size() < header_bytes + crypto::aes_gcm::tag_bytes) {
        return std::nullopt;
    }
    const auto header = datagram.first(header_bytes);
    credential::field_reader read{header};
    if (read.integer(1) != format_version) return std::nullopt;
    const auto number = static_cast<credential::key_number>(read.integer(2));
    opened_datagram opened;
    opened.sender.bytes = read.bytes<sizeof opened.sender.bytes>();
    opened.salt = read.bytes<sizeof opened.salt>();
    opened.counter = read.integer(8);
    opened.plain.resize(datagram.size() - header_bytes - crypto::aes_gcm::tag_bytes);

    const auto opens = [&](keyed& with) {
        return with.cipher.open({.counter = opened.counter, .associated = associate(header, self_)},
                                datagram.subspan(header_bytes), opened.plain);
    };
    const auto known = others_.find(opened.sender);
    if (known != others_.end() && known->second.number == number && known->second.salt == opened.salt) {
        return opens(known->second) ? std::optional{std::move(opened)} : std::nullopt;
    }
    const auto* const key = keys_->find(number);
    if (key == nullptr) return std::nullopt;
    auto derived = derive(*key, opened.sender, opened.salt);
    if (!opens(derived)) return std::nullopt;
    // Only what opened is kept: strangers push nothing out.
    others_.insert_or_assign(opened.sender, std::move(derived));
    return opened;
}

}  // namespace turnix::gossip
