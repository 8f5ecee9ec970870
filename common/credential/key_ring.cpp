#include "common/credential/key_ring.hpp"

#include "common/credential/private_file.hpp"
#include "common/crypto/base64url.hpp"
#include "common/crypto/hkdf.hpp"
#include "common/crypto/random.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace turnix::credential {

namespace {

namespace json = boost::json;

/// The latest second that a wall_time can hold with room for the tolerance.
constexpr std::int64_t date_s_max = 9'000'000'000;
static_assert(date_s_max <
              std::chrono::floor<std::chrono::seconds>(wall_time::max()).time_since_epoch().count());

void derive_into(const crypto::secret<32>& root, std::string_view label, std::span<std::byte> derived) {
    crypto::hkdf_sha256({.secret = std::as_bytes(root.bytes()), .salt = {}, .label = label}, derived);
}

key derive(key_number number, const crypto::secret<32>& root) {
    key made;
    made.number = number;
    made.root = root;
    const auto fill = [&root](std::string_view label, auto& derived) {
        derive_into(root, label, std::as_writable_bytes(derived.writable_bytes()));
    };
    fill("turnix credential seal v1", made.seal);
    fill("turnix credential password v1", made.password);
    fill("turnix credential identifier v1", made.identifier);
    return made;
}

/// Says what is wrong with the ring, without the file's name and without any secret.
struct ring_fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

const json::value& member(const json::object& object, std::string_view name) {
    const auto* const found = object.if_contains(name);
    if (found == nullptr) throw ring_fault{"a key has no \"" + std::string{name} + "\""};
    return *found;
}

std::int64_t integer(const json::object& object, std::string_view name, std::int64_t at_most) {
    const auto* const value = member(object, name).if_int64();
    if (value == nullptr || *value < 0 || *value > at_most)
        throw ring_fault{'"' + std::string{name} + "\" is not an integer from 0 to " +
                         std::to_string(at_most)};
    return *value;
}

std::chrono::sys_seconds date(const json::object& object, std::string_view name) {
    return std::chrono::sys_seconds{std::chrono::seconds{integer(object, name, date_s_max)}};
}

crypto::secret<32> read_secret(const json::object& object) {
    crypto::secret<32> root;
    const auto* const text = member(object, "secret").if_string();
    const auto into = std::as_writable_bytes(root.writable_bytes());
    const auto read = text == nullptr ? std::nullopt : crypto::base64url_decode(*text, into);
    if (!read || read->size() != into.size()) throw ring_fault{"\"secret\" is not 32 bytes in base64url"};
    return root;
}

key read_key(const json::value& value) {
    const auto* const object = value.if_object();
    if (object == nullptr) throw ring_fault{"a key is not an object"};
    const auto not_before = date(*object, "not_before");
    const auto not_after = date(*object, "not_after");
    if (not_after <= not_before) throw ring_fault{"\"not_after\" is not later than \"not_before\""};
    const auto number = integer(*object, "number", std::numeric_limits<key_number>::max());
    auto made = derive(static_cast<key_number>(number), read_secret(*object));
    made.not_before = not_before;
    made.not_after = not_after;
    made.used_at = not_before;
    if (object->if_contains("used_at") != nullptr) made.used_at = date(*object, "used_at");
    if (made.used_at == std::chrono::sys_seconds{}) made.used_at.reset();
    if (const auto* const retired = object->if_contains("retired")) {
        if (!retired->is_bool()) throw ring_fault{"\"retired\" is neither true nor false"};
        made.retired = retired->get_bool();
    }
    if (object->if_contains("version") != nullptr) {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        made.version = static_cast<std::uint64_t>(integer(*object, "version", most));
    }
    return made;
}

json::object to_json(const key& from) {
    json::object made{{"number", from.number},
                      {"not_before", from.not_before.time_since_epoch().count()},
                      {"not_after", from.not_after.time_since_epoch().count()}};
    if (from.used_at != from.not_before) {
        made["used_at"] = from.used_at ? from.used_at->time_since_epoch().count() : 0;
    }
    if (from.retired) made["retired"] = true;
    if (from.version != 0) made["version"] = from.version;
    made["secret"] = crypto::base64url_encode(std::as_bytes(from.root.bytes()));
    return made;
}

std::vector<key> read_ring(std::string_view text) {
    boost::system::error_code error;
    const auto document = json::parse(text, error);
    if (error) throw ring_fault{"is not JSON: " + error.message()};
    const auto* const object = document.if_object();
    const auto* const list = object == nullptr ? nullptr : object->if_contains("keys");
    if (list == nullptr || !list->is_array()) throw ring_fault{"has no list \"keys\""};
    const auto& entries = list->get_array();
    if (entries.empty() || entries.size() > key_ring::keys_max)
        throw ring_fault{"holds " + std::to_string(entries.size()) + " keys, not 1 to " +
                         std::to_string(key_ring::keys_max)};
    std::vector<key> keys;
    for (const auto& entry : entries) {
        auto read = read_key(entry);
        if (std::ranges::find(keys, read.number, &key::number) != keys.end())
            throw ring_fault{"holds two keys with the number " + std::to_string(read.number)};
        keys.push_back(std::move(read));
    }
    return keys;
}

/// Of those in use that fit the one that was taken into use last.
const key* latest_of(std::span<const key> keys, const auto& fits) noexcept {
    const key* latest = nullptr;
    for (const auto& each : keys) {
        if (!each.used_at || each.retired || !fits(each)) continue;
        // An empty optional is less than any time.
        if (latest == nullptr || each.used_at > latest->used_at) latest = &each;
    }
    return latest;
}

}  // namespace

key_fingerprint fingerprint_of(const key& of) {
    key_fingerprint print{};
    derive_into(of.root, "turnix key fingerprint v1", std::as_writable_bytes(std::span{print}));
    return print;
}

key_ring key_ring::generate(instant now, std::chrono::days validity) {
    auto first = make_key(1, now.wall, validity);
    first.used_at = first.not_before;
    return key_ring{{std::move(first)}};
}

key key_ring::make_key(key_number number, wall_time now, std::chrono::days validity) {
    crypto::secret<32> root;
    crypto::fill_random(std::as_writable_bytes(root.writable_bytes()));
    auto made = derive(number, root);
    made.not_before = std::chrono::floor<std::chrono::seconds>(now);
    made.not_after = made.not_before + validity;
    return made;
}

key key_ring::key_of(key_number number, const crypto::secret<32>& root) { return derive(number, root); }

key_ring key_ring::load(const std::filesystem::path& file) {
    auto text = read_private_file(file);
    try {
        return key_ring{read_ring(text)};
    } catch (const ring_fault& fault) {
        throw std::runtime_error{file.string() + ": the key ring " + fault.what() +
                                 "; restore it from a copy, or make a new one with: turnixd init"};
    }
}

void key_ring::save(const std::filesystem::path& file) const {
    json::array entries;
    for (const auto& each : keys_) entries.push_back(to_json(each));
    write_private_file(file, json::serialize(json::object{{"keys", std::move(entries)}}) + '\n');
}

key_ring key_ring::with(key changed) const {
    auto keys = keys_;
    const auto found = std::ranges::find(keys, changed.number, &key::number);
    if (found == keys.end()) {
        keys.push_back(std::move(changed));
    } else {
        *found = std::move(changed);
    }
    return key_ring{std::move(keys)};
}

key_ring key_ring::without_outlived(wall_time now) const {
    auto keys = keys_;
    std::erase_if(keys, [now](const key& each) { return each.retired && !each.is_valid_at(now); });
    return key_ring{std::move(keys)};
}

const key* key_ring::current(wall_time now) const noexcept {
    return latest_of(keys_,
                     [now](const key& each) { return now >= each.not_before && now <= each.not_after; });
}

const key* key_ring::newest_in_use() const noexcept {
    return latest_of(keys_, [](const key&) { return true; });
}

const key* key_ring::find(key_number number) const noexcept {
    const auto found = std::ranges::find(keys_, number, &key::number);
    return found == keys_.end() ? nullptr : &*found;
}

}  // namespace turnix::credential
