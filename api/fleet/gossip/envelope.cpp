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

void envelope::use(key_ring_pointer keys) {
    keys_ = std::move(keys);
    own_.reset();
    const auto is_closed = [this](const auto& each) {
        const auto* const key = keys_->find(each.second.number);
        return key == nullptr || key->retired;
    };
    std::erase_if(others_, is_closed);
    std::erase_if(heard_, is_closed);
}

void envelope::note(const opened_datagram& from, credential::key_number number) {
    const auto [at, is_first] = heard_.try_emplace(from.sender);
    auto& heard = at->second;
    const auto* const current = keys_->newest_in_use();
    // A copy under another key says nothing of a node that has the current one.
    const bool is_current = current != nullptr && current->number == number;
    if (is_first || heard.salt != from.salt || is_current) heard = {.salt = from.salt, .number = number};
}

std::vector<std::vector<std::byte>> envelope::seal(const node_id& to, std::span<const std::byte> plain,
                                                   wall_time now) {
    assert(plain.size() <= plain_bytes_max);
    const auto* const current = keys_->current(now);
    if (current == nullptr) return {};
    if (!own_ || own_->number != current->number) own_ = derive(*current, self_, salt_);
    std::vector<std::vector<std::byte>> datagrams;
    datagrams.push_back(seal_with(*own_, to, plain));
    if (const auto* const other = other_key_of(to, *current)) {
        auto under_other = derive(*other, self_, salt_);
        datagrams.push_back(seal_with(under_other, to, plain));
    }
    return datagrams;
}

std::vector<std::byte> envelope::seal_with(keyed& own, const node_id& to, std::span<const std::byte> plain) {
    std::vector<std::byte> datagram(header_bytes + plain.size() + crypto::aes_gcm::tag_bytes);
    const std::span header{std::span{datagram}.first(header_bytes)};
    credential::field_writer write{header};
    write.integer(format_version, 1);
    write.integer(own.number, 2);
    write.bytes(self_.bytes);
    write.bytes(salt_);
    write.integer(++counter_, 8);
    own.cipher.seal({.counter = counter_, .associated = associate(header, to)}, plain,
                    std::span{datagram}.subspan(header_bytes));
    return datagram;
}

const credential::key* envelope::other_key_of(const node_id& recipient,
                                              const credential::key& current) const noexcept {
    const auto heard = heard_.find(recipient);
    if (heard == heard_.end() || heard->second.number == current.number) return nullptr;
    return keys_->find(heard->second.number);
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
        if (!opens(known->second)) return std::nullopt;
        note(opened, number);
        return opened;
    }
    const auto* const key = keys_->find(number);
    if (key == nullptr || key->retired) return std::nullopt;
    auto derived = derive(*key, opened.sender, opened.salt);
    if (!opens(derived)) return std::nullopt;
    // Only what opened is kept: strangers push nothing out.
    others_.insert_or_assign(opened.sender, std::move(derived));
    note(opened, number);
    return opened;
}

}  // namespace turnix::gossip
