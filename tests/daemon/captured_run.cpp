#include "tests/daemon/captured_run.hpp"

#include <iostream>
#include <sstream>
#include <streambuf>

namespace turnix::tests {
namespace {

/// What a stream is given while this lives.
class capture {
  public:
    explicit capture(std::ostream& stream) : stream_{stream}, before_{stream.rdbuf(text_.rdbuf())} {}
    ~capture() { stream_.rdbuf(before_); }
    capture(const capture&) = delete;
    capture& operator=(const capture&) = delete;

    [[nodiscard]] std::string text() const { return text_.str(); }

  private:
    std::ostringstream text_;
    std::ostream& stream_;
    std::streambuf* before_;
};

}  // namespace

outcome run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "turnixd");
    const capture output{std::cout};
    const capture errors{std::cerr};
    const auto code = daemon::run_command_line(static_cast<int>(arguments.size()), arguments.data());
    return {code, output.text(), errors.text()};
}

}  // namespace turnix::tests
