// Whatever a GeoIP file holds, it is refused with a reason, or places are on the globe.
#include "api/fleet/geoip.hpp"

#include "tests/fuzz/target.hpp"

#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace turnix::fuzz {

namespace {

/// A file that is nowhere but in memory.
class memory_file {
  public:
    explicit memory_file(std::span<const std::byte> content)
        : descriptor_{memfd_create("input", MFD_CLOEXEC)} {
        expect(::write(descriptor_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
    }
    ~memory_file() { ::close(descriptor_); }
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

std::optional<fleet::geoip> open(const std::string& path) {
    try {
        return fleet::geoip::open(path);
    } catch (const std::runtime_error& refusal) {
        expect(std::string_view{refusal.what()}.find(path) != std::string_view::npos);
        return std::nullopt;
    }
}

}  // namespace

void run(std::span<const std::byte> input) {
    const memory_file file{input};
    const auto database = open(file.path());
    if (!database) return;
    for (const auto* const address :
         {"0.0.0.0", "8.8.8.8", "81.2.69.160", "255.255.255.255", "::", "2001:db8::1", "2a00:1450:4001::68",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
        const auto place = database->locate(net::address::parse(address).value());
        if (!place) continue;
        expect(std::abs(place->latitude) <= 90 && std::abs(place->longitude) <= 180);
        const auto away = fleet::distance_km(*place, {.latitude = 50, .longitude = 8});
        expect(away >= 0 && away < 20'100);
    }
}

}  // namespace turnix::fuzz
