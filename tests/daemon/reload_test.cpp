#include "daemon/reload.hpp"

#include "daemon/file_stamps.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>

using namespace turnix;
using namespace turnix::daemon;
using names = std::vector<std::string>;

TEST_CASE("a reload takes what it can change, and reports what waits for a restart", "[daemon][reload]") {
    config::settings in_force;
    in_force.relay.tls = contract::tls_settings{.certificate = "/a.pem", .private_key = "/a.key"};
    auto next = in_force;
    next.log.level = telemetry::log_level::debug;
    next.relay.tls->certificate = "/b.pem";
    next.relay.workers = 3;
    next.api.tls = contract::tls_settings{.certificate = "/c.pem", .private_key = "/c.key"};

    const auto report = compare(in_force, next);
    CHECK(report.applied == names{"relay.tls.certificate", "log.level"});
    CHECK(report.needs_restart == names{"relay.workers", "api.tls.certificate", "api.tls.private_key"});

    take_reloaded(in_force, next);
    CHECK(in_force.log.level == telemetry::log_level::debug);
    CHECK(in_force.relay.tls->certificate == "/b.pem");
    CHECK(in_force.relay.workers == 0);
    CHECK_FALSE(in_force.api.tls.has_value());
    const auto second = compare(in_force, next);
    CHECK(second.applied == names{});
    CHECK(second.needs_restart == report.needs_restart);
}

TEST_CASE("TLS that is turned off stays in force until a restart", "[daemon][reload]") {
    config::settings in_force;
    in_force.relay.tls = contract::tls_settings{.certificate = "/a.pem", .private_key = "/a.key"};
    const config::settings next;
    const auto report = compare(in_force, next);
    CHECK(report.applied == names{});
    CHECK(report.needs_restart == names{"relay.tls.certificate", "relay.tls.private_key"});
    take_reloaded(in_force, next);
    CHECK(in_force.relay.tls->certificate == "/a.pem");
    CHECK(compare(in_force, next).needs_restart == report.needs_restart);
}

TEST_CASE("the report of a reload reads back as it was written, and speaks to people", "[daemon][reload]") {
    const reload_report report{
        .applied = {"log.level", "api.tls.certificate"}, .needs_restart = {"relay.workers"}, .faults = {}};
    const auto read = reload_report::parse(report.to_json());
    CHECK(read.applied == report.applied);
    CHECK(read.needs_restart == report.needs_restart);
    CHECK(read.lines() ==
          names{"in force now: log.level, api.tls.certificate", "at a restart: relay.workers"});
    CHECK(reload_report{}.lines() == names{"nothing has changed"});
    CHECK(reload_report{.applied = {"x"}, .needs_restart = {}, .faults = {"t.yaml:3: wrong"}}.lines() ==
          names{"t.yaml:3: wrong"});
}

TEST_CASE("a file that is replaced or rewritten is noticed, whatever its content", "[daemon][reload]") {
    const tests::temporary_directory directory;
    config::settings settings;
    settings.node.regions_file = directory.write("regions.yaml", "a");
    const auto before = reloaded_file_stamps(settings);
    CHECK(differing(before, reloaded_file_stamps(settings)).empty());
    std::filesystem::rename(directory.write("beside.yaml", "b"), settings.node.regions_file);
    CHECK(differing(before, reloaded_file_stamps(settings)) == names{"node.regions_file"});
    std::filesystem::remove(settings.node.regions_file);
    CHECK(differing(before, reloaded_file_stamps(settings)) == names{"node.regions_file"});
}

TEST_CASE("renewed certificates are reported once, when certificate and key are both in place",
          "[daemon][reload]") {
    const tests::temporary_directory directory;
    config::settings settings;
    settings.api.tls = contract::tls_settings{.certificate = directory.write("c.pem", "1"),
                                              .private_key = directory.write("k.pem", "1")};
    certificate_watch watch{settings};
    const auto look = [&] { return watch.has_changed(certificate_stamps(settings)); };
    CHECK_FALSE(look());
    directory.write("c.pem", "22");
    CHECK_FALSE(look());  // the key may follow
    directory.write("k.pem", "22");
    CHECK_FALSE(look());
    CHECK(look());
    CHECK_FALSE(look());
}
