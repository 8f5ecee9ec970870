// `turnixd token`: the API's own token calls, made by the operator without a token.
#pragma once

#include "daemon/check_command.hpp"
#include "daemon/exit_code.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace turnix::daemon {

struct token_options {
    configuration_options configuration;
    std::string name{"token"};
    std::string project;              ///< slug; empty: every project of the organisation
    std::vector<std::string> scopes;  ///< empty: all
    std::string id;                   ///< of the token to rotate or revoke
    std::uint32_t overlap_s{3'600};   ///< how long a rotated token's old secret stays good
    bool json{false};                 ///< print what the API answers
};

/// Each works whether the daemon runs or not, prints what the API says when it refuses, and throws
/// std::runtime_error with the remedy when neither data directory nor daemon can be used.
exit_code run_token_create(const token_options& options);
exit_code run_token_list(const token_options& options);
exit_code run_token_rotate(const token_options& options);
exit_code run_token_revoke(const token_options& options);

}  // namespace turnix::daemon
