#include "api/fleet/geoip.hpp"

#include "api/fleet/country_centroids.hpp"
#include "common/net/sockaddr.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <maxminddb.h>
#include <sys/mman.h>
#include <unistd.h>

namespace turnix::fleet {

namespace {

/// Of the records first found, so many are looked at for a place before the file counts as one without.
constexpr int probed_records_max = 1'000;
constexpr int probed_nodes_max = 100'000;

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view fault) {
    throw std::runtime_error{fmt::format(
        "cannot use the GeoIP database {}: {}; set node.geoip_file to a MaxMind DB file with places or "
        "countries, or remove the key",
        file.string(), fault)};
}

/// A file in memory, named by its descriptor for as long as this lives.
class private_copy {
  public:
    explicit private_copy(const std::filesystem::path& file)
        : descriptor_{memfd_create("geoip", MFD_CLOEXEC)} {
        if (descriptor_ < 0) refuse(file, std::generic_category().message(errno));
        std::ifstream original{file, std::ios::binary};
        std::ofstream copy{path(), std::ios::binary};
        if (!original || !copy) refuse(file, std::generic_category().message(errno));
        copy << original.rdbuf();
        if (!copy.flush() || original.bad()) refuse(file, "it cannot be read, or is empty");
    }
    ~private_copy() { ::close(descriptor_); }
    private_copy(const private_copy&) = delete;
    private_copy& operator=(const private_copy&) = delete;

    [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

  private:
    int descriptor_;
};

/// The value at the end of a path of keys, when it is there and of that type.
template <class... Keys>
std::optional<MMDB_entry_data_s> value_at(MMDB_entry_s entry, std::uint32_t type, Keys... keys) noexcept {
    MMDB_entry_data_s data{};
    const int status = MMDB_get_value(&entry, &data, keys..., nullptr);
    if (status != MMDB_SUCCESS || !data.has_data || data.type != type) return std::nullopt;
    return data;
}

template <class... Keys>
std::optional<double> number_at(MMDB_entry_s entry, Keys... keys) noexcept {
    if (const auto wide = value_at(entry, MMDB_DATA_TYPE_DOUBLE, keys...)) return wide->double_value;
    if (const auto narrow = value_at(entry, MMDB_DATA_TYPE_FLOAT, keys...)) return narrow->float_value;
    return std::nullopt;
}

template <class... Keys>
std::optional<coordinates> centroid_at(MMDB_entry_s entry, Keys... keys) noexcept {
    const auto code = value_at(entry, MMDB_DATA_TYPE_UTF8_STRING, keys...);
    return code ? country_centroid({code->utf8_string, code->data_size}) : std::nullopt;
}

bool is_on_the_globe(double latitude, double longitude) noexcept {
    return std::abs(latitude) <= 90 && std::abs(longitude) <= 180;
}

std::optional<coordinates> place_in(MMDB_entry_s entry) noexcept {
    auto latitude = number_at(entry, "location", "latitude");
    auto longitude = number_at(entry, "location", "longitude");
    if (!latitude || !longitude) {
        latitude = number_at(entry, "latitude");
        longitude = number_at(entry, "longitude");
    }
    if (latitude && longitude && is_on_the_globe(*latitude, *longitude)) {
        return coordinates{.latitude = *latitude, .longitude = *longitude};
    }
    if (const auto nested = centroid_at(entry, "country", "iso_code")) return nested;
    return centroid_at(entry, "country_code");
}

/// Walks the search tree from its root until a record gives a place: a look-up that cannot miss.
bool knows_a_place(const MMDB_s& database) {
    std::vector<std::uint32_t> waiting{0};
    int records_left = probed_records_max;
    for (int nodes_left = probed_nodes_max; nodes_left > 0 && !waiting.empty(); --nodes_left) {
        MMDB_search_node_s node{};
        const auto number = waiting.back();
        waiting.pop_back();
        if (MMDB_read_node(&database, number, &node) != MMDB_SUCCESS) return false;
        const auto visit = [&](std::uint8_t type, std::uint64_t record, const MMDB_entry_s& entry) {
            if (type == MMDB_RECORD_TYPE_SEARCH_NODE) waiting.push_back(static_cast<std::uint32_t>(record));
            return type == MMDB_RECORD_TYPE_DATA && --records_left >= 0 && place_in(entry).has_value();
        };
        if (visit(node.right_record_type, node.right_record, node.right_record_entry)) return true;
        if (visit(node.left_record_type, node.left_record, node.left_record_entry)) return true;
    }
    return false;
}

}  // namespace

struct geoip::database {
    explicit database(const std::filesystem::path& file) {
        const private_copy copy{file};
        const int status = MMDB_open(copy.path().c_str(), MMDB_MODE_MMAP, &opened);
        if (status != MMDB_SUCCESS) refuse(file, MMDB_strerror(status));
    }
    ~database() { MMDB_close(&opened); }
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    MMDB_s opened{};
};

geoip::geoip(std::unique_ptr<database> opened) noexcept : database_{std::move(opened)} {}
geoip::~geoip() = default;
geoip::geoip(geoip&&) noexcept = default;
geoip& geoip::operator=(geoip&&) noexcept = default;

geoip geoip::open(const std::filesystem::path& file) {
    geoip made{std::make_unique<database>(file)};
    if (!knows_a_place(made.database_->opened)) refuse(file, "its records hold no places and no countries");
    return made;
}

std::optional<coordinates> geoip::locate(const net::address& of) const noexcept {
    sockaddr_storage storage{};
    net::to_sockaddr({.address = of, .port = 0}, storage);
    const void* const bytes = &storage;
    int status{MMDB_SUCCESS};
    const auto found = MMDB_lookup_sockaddr(&database_->opened, static_cast<const sockaddr*>(bytes), &status);
    if (status != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
    return place_in(found.entry);
}

}  // namespace turnix::fleet
