#include "api/model/tenant_record.hpp"

#include "common/credential/field_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

namespace turnix::model {

namespace {

using credential::field_reader;
using credential::field_writer;

constexpr std::size_t id_bytes = 16;
/// More than the largest record has.
constexpr std::size_t body_bytes_most = 1'024;
constexpr std::size_t text_bytes_max = 600;

// ---- writing

class record_writer {
  public:
    record_writer(record_kind kind, std::span<const std::uint8_t> key) {
        made_.id.kind = kind;
        std::ranges::copy(std::as_bytes(key), std::back_inserter(made_.id.key));
        to_.integer(0, shared_record::base_bytes);
    }

    template <class Tag>
    void write(const identifier<Tag>& id) noexcept {
        to_.bytes(id.bytes);
    }
    void write(std::string_view text) noexcept {
        to_.integer(text.size(), 2);
        std::ranges::copy(std::as_bytes(std::span{text}), to_.claim(text.size()).begin());
    }
    void write(const secret_digest& digest) noexcept {
        std::ranges::copy(digest, to_.claim(digest.size()).begin());
    }
    void write(wall_time time) noexcept {
        const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
        to_.integer(static_cast<std::uint64_t>(since.count()), 8);
    }
    template <class Rep, class Period>
    void write(std::chrono::duration<Rep, Period> span) noexcept {
        to_.integer(static_cast<std::uint64_t>(span.count()), 8);
    }
    template <class Number>
        requires std::is_integral_v<Number> || std::is_enum_v<Number>
    void write(Number value) noexcept {
        to_.integer(static_cast<std::uint64_t>(value), 8);
    }
    template <class Value>
    void write(const std::optional<Value>& value) noexcept {
        to_.integer(value ? 1 : 0, 1);
        if (value) write(*value);
    }

    [[nodiscard]] shared_record done() {
        made_.body.assign(to_.written().begin(), to_.written().end());
        return std::move(made_);
    }

  private:
    shared_record made_;
    std::array<std::byte, body_bytes_most> buffer_{};
    field_writer to_{buffer_};
};

// ---- reading

class record_reader {
  public:
    record_reader(const shared_record& from, record_kind kind, std::size_t key_bytes) : from_{from.body} {
        from_.take(shared_record::base_bytes);
        if (from.id.kind != kind || from.id.key.size() != key_bytes) from_.fail();
    }

    template <class Tag>
    void read(identifier<Tag>& into) noexcept {
        into.bytes = from_.bytes<id_bytes>();
    }
    void read(std::string& into) {
        const auto bytes = from_.integer(2);
        if (bytes > text_bytes_max) from_.fail();
        for (const auto each : from_.take(bytes)) into.push_back(std::to_integer<char>(each));
    }
    void read(secret_digest& into) noexcept { std::ranges::copy(from_.take(into.size()), into.begin()); }
    void read(wall_time& into) noexcept {
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max() / 1'000'000;
        const auto since = std::bit_cast<std::int64_t>(from_.integer(8));
        require(since >= 0 && since < most);
        if (!from_.failed()) into = wall_time{std::chrono::milliseconds{since}};
    }
    template <class Rep, class Period>
    void read(std::chrono::duration<Rep, Period>& into) noexcept {
        into = std::chrono::duration<Rep, Period>{number<std::int32_t>()};
    }
    template <class Number>
        requires std::is_integral_v<Number>
    void read(Number& into) noexcept {
        into = number<Number>();
    }
    void read(credential::peer_scope& into) noexcept { into = enumerator(credential::peer_scope::relays); }
    void read(credential::on_expiry& into) noexcept { into = enumerator(credential::on_expiry::disconnect); }
    template <class Value>
    void read(std::optional<Value>& into) {
        const auto is_there = from_.integer(1);
        require(is_there <= 1);
        if (is_there == 1) read(into.emplace());
    }

    void require(bool holds) noexcept {
        if (!holds) from_.fail();
    }
    [[nodiscard]] bool complete() const noexcept { return from_.complete(); }

  private:
    template <class Number>
    [[nodiscard]] Number number() noexcept {
        const auto value = from_.integer(8);
        require(std::in_range<Number>(value));
        return static_cast<Number>(value);
    }
    template <class Enumeration>
    [[nodiscard]] Enumeration enumerator(Enumeration last) noexcept {
        const auto value = from_.integer(8);
        require(value <= static_cast<std::uint64_t>(last));
        return static_cast<Enumeration>(value);
    }

    field_reader from_;
};

/// Everything in the settings but the links and what was added later, in the order of the wire.
template <class Settings, class Visitor>
void for_each_setting(Settings& of, const Visitor& visit) {
    visit(of.ttl_default);
    visit(of.ttl_max);
    visit(of.session_max);
    visit(of.quotas.allocations);
    visit(of.quotas.bitrate_bps);
    visit(of.quotas.bytes_per_day);
    visit(of.quotas.sessions_per_second);
    visit(of.limits.allocations);
    visit(of.limits.bitrate_bps);
    visit(of.limits.bytes);
    visit(of.peer_scope);
    visit(of.on_expiry);
    visit(of.retention);
}

/// What was added later follows at the end when something of it is set, so that a project without it is the
/// same record to every version.
template <class Settings, class Visitor>
void for_each_later_setting(Settings& of, const Visitor& visit) {
    visit(of.quotas.packets_per_second);
    visit(of.limits.packets_per_second);
}

bool has_later_setting(const project_settings& settings) noexcept {
    return settings.quotas.packets_per_second || settings.limits.packets_per_second;
}

template <class Id>
Id key_of(const shared_record& from) noexcept {
    credential::field_reader key{from.id.key};
    return {key.bytes<id_bytes>()};
}

shared_record record_of(const project_link& from) {
    std::array<std::uint8_t, id_bytes + 1> key{};
    *std::ranges::copy(from.project.bytes, key.begin()).out = static_cast<std::uint8_t>(from.kind);
    record_writer to{record_kind::project_link, key};
    to.write(from.text);
    return to.done();
}

}  // namespace

shared_record record_of(const organisation& from) {
    record_writer to{record_kind::organisation, from.id.bytes};
    to.write(from.name);
    to.write(from.default_project);
    to.write(from.created_at);
    return to.done();
}

std::vector<shared_record> records_of(const project& from) {
    record_writer to{record_kind::project, from.id.bytes};
    to.write(from.organisation);
    to.write(from.slug);
    to.write(from.created_at);
    const auto write = [&to](const auto& each) { to.write(each); };
    for_each_setting(from.settings, write);
    if (has_later_setting(from.settings)) for_each_later_setting(from.settings, write);
    std::vector<shared_record> all{to.done()};
    const auto& links = from.settings.links;
    all.push_back(record_of(project_link{.project = from.id, .kind = link_kind::room, .text = links.room}));
    all.push_back(
        record_of(project_link{.project = from.id, .kind = link_kind::client, .text = links.client}));
    all.push_back(
        record_of(project_link{.project = from.id, .kind = link_kind::session, .text = links.session}));
    return all;
}

shared_record record_of(const token& from) {
    record_writer to{record_kind::token, from.id.bytes};
    to.write(from.reach.organisation);
    to.write(from.reach.project);
    to.write(from.name);
    to.write(from.scopes.to_string());
    to.write(from.digest);
    to.write(from.created_at);
    to.write(from.expires_at);
    to.write(from.revoked_at);
    to.write(from.previous_digest);
    to.write(from.previous_ends_at);
    auto made = to.done();
    constexpr std::chrono::days margin{1};
    if (from.expires_at) made.until = std::chrono::ceil<std::chrono::seconds>(*from.expires_at) + margin;
    return made;
}

shared_record removal_of(const project_id& id) {
    return record_writer{record_kind::project, id.bytes}.done();
}

std::optional<organisation> organisation_of(const shared_record& from) {
    record_reader fields{from, record_kind::organisation, id_bytes};
    organisation read{
        .id = key_of<organisation_id>(from), .name = {}, .default_project = {}, .created_at = {}};
    fields.read(read.name);
    fields.read(read.default_project);
    fields.read(read.created_at);
    fields.require(is_organisation_name(read.name));
    return fields.complete() ? std::optional{std::move(read)} : std::nullopt;
}

std::optional<project> project_of(const shared_record& from) {
    record_reader fields{from, record_kind::project, id_bytes};
    project read{
        .id = key_of<project_id>(from), .organisation = {}, .slug = {}, .settings = {}, .created_at = {}};
    fields.read(read.organisation);
    fields.read(read.slug);
    fields.read(read.created_at);
    const auto read_into = [&fields](auto& each) { fields.read(each); };
    for_each_setting(read.settings, read_into);
    if (!fields.complete()) {
        for_each_later_setting(read.settings, read_into);
        fields.require(has_later_setting(read.settings));
    }
    fields.require(is_project_slug(read.slug));
    return fields.complete() ? std::optional{std::move(read)} : std::nullopt;
}

std::optional<project_link> link_of(const shared_record& from) {
    record_reader fields{from, record_kind::project_link, id_bytes + 1};
    project_link read{.project = subject_of(from), .kind = {}, .text = {}};
    fields.read(read.text);
    fields.require(read.text.empty() || is_link_template(read.text));
    if (!fields.complete()) return std::nullopt;
    const auto kind = std::to_integer<std::uint8_t>(from.id.key.back());
    if (kind > static_cast<std::uint8_t>(link_kind::session)) return std::nullopt;
    read.kind = static_cast<link_kind>(kind);
    return read;
}

std::optional<token> token_of(const shared_record& from) {
    record_reader fields{from, record_kind::token, id_bytes};
    token read{.id = key_of<token_id>(from),
               .reach = {},
               .name = {},
               .scopes = {},
               .created_at = {},
               .expires_at = {},
               .revoked_at = {},
               .last_used_at = {}};
    std::string scopes;
    fields.read(read.reach.organisation);
    fields.read(read.reach.project);
    fields.read(read.name);
    fields.read(scopes);
    fields.read(read.digest);
    fields.read(read.created_at);
    fields.read(read.expires_at);
    fields.read(read.revoked_at);
    fields.read(read.previous_digest);
    fields.read(read.previous_ends_at);
    const auto parsed = scope_set::parse(scopes);
    if (!fields.complete() || !parsed) return std::nullopt;
    read.scopes = *parsed;
    return read;
}

project_id subject_of(const shared_record& from) { return key_of<project_id>(from); }

bool is_blank(const shared_record& from) {
    const auto link = link_of(from);
    return link && link->text.empty();
}

std::string& link_in(project_settings& settings, link_kind kind) noexcept {
    switch (kind) {
        case link_kind::room:
            return settings.links.room;
        case link_kind::client:
            return settings.links.client;
        case link_kind::session:
            break;
    }
    return settings.links.session;
}

}  // namespace turnix::model
