#include "common/config/database_url.hpp"

namespace turnix::config {

bool has_password(std::string_view url) noexcept {
    if (url.find("password") != std::string_view::npos) return true;
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    const auto user_end = url.rfind('@');
    return user_end != std::string_view::npos && url.substr(0, user_end).find(':') != std::string_view::npos;
}

std::string_view without_secret(std::string_view url) noexcept {
    return has_password(url) ? "(hidden)" : url;
}

}  // namespace turnix::config
