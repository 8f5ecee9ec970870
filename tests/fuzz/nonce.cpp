// Whatever a client sends as a nonce: only what was issued to it is fresh.
#include "relay/turn/nonce.hpp"

#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <string>

void turnix::fuzz::run(std::span<const std::byte> input) {
    static const turn::nonce_authority authority{crypto::secret<32>{}, std::chrono::hours{1}};
    const auto client = net::endpoint::parse("192.0.2.1:50000").value();
    const monotonic_time now{std::chrono::hours{1000}};

    std::string received(input.size(), '\0');
    std::ranges::copy(input, std::as_writable_bytes(std::span{received}).begin());
    const auto issued = authority.issue(client, now);
    const bool is_ours = std::ranges::equal(received, issued);
    expect((authority.judge(received, client, now) == turn::nonce_verdict::fresh) == is_ours);
}
