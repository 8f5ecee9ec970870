#include "api/upstream/url.hpp"

#include "common/credential/private_file.hpp"

#include <fmt/format.h>

#include <memory>
#include <stdexcept>

#include <libpq-fe.h>

namespace turnix::upstream {

std::string checked_url(std::string url) {
    struct freer {
        void operator()(PQconninfoOption* read) const noexcept { PQconninfoFree(read); }
    };
    // What libpq says of a fault quotes the address.
    const std::unique_ptr<PQconninfoOption, freer> read{PQconninfoParse(url.c_str(), nullptr)};
    if (!read)
        throw std::runtime_error{"this is no address of a database: give postgresql://USER@HOST:PORT/NAME"};
    return url;
}

std::string load_url(const std::filesystem::path& file) {
    const auto lines = credential::read_private_lines(file);
    if (lines.size() != 1) {
        throw std::runtime_error{
            fmt::format("{} has {} lines; the address of the database is one", file.string(), lines.size())};
    }
    try {
        return checked_url(lines.front().text);
    } catch (const std::runtime_error& error) {
        throw std::runtime_error{fmt::format("{}:{}: {}", file.string(), lines.front().number, error.what())};
    }
}

}  // namespace turnix::upstream
