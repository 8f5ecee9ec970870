#include "daemon/data_directory.hpp"

#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>

using namespace turnix;
using namespace turnix::daemon;
using Catch::Matchers::Contains;

TEST_CASE("one holder at a time works on a data directory; the next learns path and remedy", "[daemon]") {
    const tests::temporary_directory temporary;
    const data_directory directory{temporary.path()};
    std::optional<data_directory_lock> first{std::in_place, directory};
    CHECK_FALSE(data_directory_lock::try_acquire(directory).has_value());
    CHECK_THROWS_WITH(data_directory_lock{directory}, Contains(temporary.path().string()) &&
                                                          Contains("another turnixd") && Contains("stop it"));
    first.reset();
    CHECK(data_directory_lock::try_acquire(directory).has_value());
}

TEST_CASE("a data directory that is not there is a fault with its path", "[daemon]") {
    const tests::temporary_directory temporary;
    const data_directory missing{temporary.path() / "missing"};
    CHECK_THROWS_WITH(data_directory_lock{missing},
                      Contains(missing.path.string()) && Contains("must exist"));
}

TEST_CASE("the lock file is the owner's", "[daemon]") {
    const tests::temporary_directory temporary;
    const data_directory directory{temporary.path()};
    const data_directory_lock lock{directory};
    using std::filesystem::perms;
    CHECK(std::filesystem::status(directory.lock_file()).permissions() ==
          (perms::owner_read | perms::owner_write));
}
