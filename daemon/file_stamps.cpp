#include "daemon/file_stamps.hpp"

#include <filesystem>
#include <utility>

#include <sys/stat.h>

namespace turnix::daemon {
namespace {

constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

file_stamp stamp_of(const std::filesystem::path& file) {
    struct stat found{};
    if (::stat(file.c_str(), &found) != 0) return {};
    return {.device = found.st_dev,
            .inode = found.st_ino,
            .bytes = found.st_size,
            .modified_ns = found.st_mtim.tv_sec * nanoseconds_a_second + found.st_mtim.tv_nsec};
}

void add_pair(file_stamps& to, const std::string& section, const std::optional<contract::tls_settings>& tls) {
    if (!tls) return;
    to.emplace(section + ".certificate", stamp_of(tls->certificate));
    to.emplace(section + ".private_key", stamp_of(tls->private_key));
}

}  // namespace

file_stamps certificate_stamps(const config::settings& settings) {
    file_stamps stamps;
    add_pair(stamps, "relay.tls", settings.relay.tls);
    add_pair(stamps, "api.tls", settings.api.tls);
    return stamps;
}

file_stamps reloaded_file_stamps(const config::settings& settings) {
    auto stamps = certificate_stamps(settings);
    stamps.emplace("node.regions_file", stamp_of(settings.node.regions_file));
    if (const auto& file = settings.node.geoip_file) stamps.emplace("node.geoip_file", stamp_of(*file));
    return stamps;
}

std::vector<std::string> differing(const file_stamps& before, const file_stamps& now) {
    std::vector<std::string> keys;
    for (const auto& [key, stamp] : now) {
        const auto former = before.find(key);
        if (former != before.end() && former->second != stamp) keys.push_back(key);
    }
    return keys;
}

bool certificate_watch::has_changed(file_stamps now) {
    const bool is_settled = now == last_;
    last_ = std::move(now);
    if (!is_settled || last_ == known_) return false;
    known_ = last_;
    return true;
}

}  // namespace turnix::daemon
