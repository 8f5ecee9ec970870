// The API as the operator of this machine reaches it, without a token: over the control socket of the daemon
// that works on the data directory; when none does, the token routes inside this process, which holds the
// directory's lock meanwhile.
#pragma once

#include "api/http/message.hpp"
#include "daemon/data_directory.hpp"

#include <memory>

namespace turnix::daemon {

class operator_api {
  public:
    /// Throws std::runtime_error with the remedy when the data directory cannot be used.
    explicit operator_api(data_directory directory);
    ~operator_api();
    operator_api(const operator_api&) = delete;
    operator_api& operator=(const operator_api&) = delete;

    /// Throws std::runtime_error with the remedy when the daemon does not answer.
    [[nodiscard]] http::response ask(http::request request);

  private:
    class offline;

    data_directory directory_;
    std::unique_ptr<offline> offline_;  ///< null while a daemon runs
};

}  // namespace turnix::daemon
