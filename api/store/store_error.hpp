// What the store throws when SQLite says no.
#pragma once

#include <stdexcept>
#include <string>

namespace turnix::store {

class store_error : public std::runtime_error {
  public:
    store_error(int code, const std::string& message) : std::runtime_error{message}, code_{code} {}

    /// SQLite's primary result code.
    [[nodiscard]] int code() const noexcept { return code_; }
    /// The data was refused, by a rule of the schema or of SQLite, and will be again; otherwise the database
    /// is what fails: full, unreadable, gone.
    [[nodiscard]] bool is_about_the_data() const noexcept;

  private:
    int code_;
};

}  // namespace turnix::store
