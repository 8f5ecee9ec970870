// What is thrown when the database that nodes share says no.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace turnix::upstream {

class upstream_error : public std::runtime_error {
  public:
    /// `state`: the SQLSTATE (PostgreSQL, appendix A), empty when the connection is what failed.
    explicit upstream_error(const std::string& message, std::string state = {})
        : std::runtime_error{message}, state_{std::move(state)} {}

    /// The rows were refused, and will be again: a value that cannot be kept, or a rule of the schema.
    [[nodiscard]] bool is_about_the_data() const noexcept {
        return state_.starts_with("22") || state_.starts_with("23");
    }

    /// The database did not even answer.
    [[nodiscard]] bool is_about_the_connection() const noexcept { return state_.empty(); }

  private:
    std::string state_;
};

}  // namespace turnix::upstream
