// The datagram engines that this machine can run, for tests that hold for each of them.
#pragma once

#include <string>
#include <vector>

namespace turnix::test {

/// Names for relay.engine. What the machine refuses is left out; that it does, and why, is said once.
const std::vector<std::string>& served_engines();

/// What tests of a whole relay set relay.engine to: the environment's TURNIX_TEST_ENGINE, or "auto".
std::string engine();

}  // namespace turnix::test
