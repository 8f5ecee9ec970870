// Has a file changed that the configuration names? Asked, not waited for: by what stat(2) says of it.
#pragma once

#include "common/config/settings.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace turnix::daemon {

/// All zero for a file that is not there. Links are followed.
struct file_stamp {
    std::uint64_t device{0};
    std::uint64_t inode{0};
    std::int64_t bytes{0};
    std::int64_t modified_ns{0};

    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

/// By the key that names the file.
using file_stamps = std::map<std::string, file_stamp, std::less<>>;

/// Of certificates and private keys, as they are now.
file_stamps certificate_stamps(const config::settings& settings);
/// Of every file that a reload reads again but the configuration itself.
file_stamps reloaded_file_stamps(const config::settings& settings);

/// The keys that are in both and whose files differ.
std::vector<std::string> differing(const file_stamps& before, const file_stamps& now);

/// Says once for each change of the certificates that it is time to reload: when they have changed and then
/// stayed the same from one look to the next, since certificate and key are seldom replaced in one step. One
/// thread.
class certificate_watch {
  public:
    explicit certificate_watch(const config::settings& settings) : known_{certificate_stamps(settings)} {}

    [[nodiscard]] bool has_changed(file_stamps now);

  private:
    file_stamps known_;
    file_stamps last_{known_};
};

}  // namespace turnix::daemon
