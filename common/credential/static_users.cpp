#include "common/credential/static_users.hpp"

#include "common/credential/opaque_string.hpp"
#include "common/credential/private_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace turnix::credential {

namespace {

constexpr std::size_t name_bytes_max = 508;  // RFC 8489 §14.3

[[noreturn]] void fail(const std::filesystem::path& file, std::size_t line, std::string_view fault) {
    throw std::runtime_error{file.string() + ':' + std::to_string(line) + ": " + std::string{fault}};
}

static_user read_user(const std::filesystem::path& file, const private_line& line) {
    const std::string_view text{line.text};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) fail(file, line.number, "is not NAME:PASSWORD");
    auto name = opaque_string(text.substr(0, colon));
    if (!name || name->size() > name_bytes_max) {
        fail(file, line.number,
             "the name is empty, longer than 508 bytes, or has characters that RFC 8265 refuses");
    }
    auto password = opaque_string(text.substr(colon + 1));
    if (!password) {
        fail(file, line.number, "the password is empty, or has characters that RFC 8265 refuses");
    }
    return {.name = *std::move(name), .password = *std::move(password)};
}

}  // namespace

std::vector<static_user> load_static_users(const std::filesystem::path& file) {
    std::vector<static_user> users;
    for (const auto& line : read_private_lines(file)) {
        auto user = read_user(file, line);
        if (std::ranges::find(users, user.name, &static_user::name) != users.end()) {
            fail(file, line.number, "the name " + user.name + " stands there twice");
        }
        users.push_back(std::move(user));
    }
    return users;
}

}  // namespace turnix::credential
