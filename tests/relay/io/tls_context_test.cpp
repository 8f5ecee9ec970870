#include "relay/io/tls_context.hpp"

#include "tests/relay/io/certificate.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

using namespace turnix;

namespace {

using session = std::unique_ptr<SSL, decltype(&SSL_free)>;

/// Client and server in memory, with the client's versions limited.
struct handshake {
    handshake(SSL_CTX* server_context, int version_min, int version_max)
        : client_context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free},
          client{nullptr, &SSL_free},
          server{SSL_new(server_context), &SSL_free} {
        SSL_CTX_set_security_level(client_context.get(), 0);
        SSL_CTX_set_min_proto_version(client_context.get(), version_min);
        SSL_CTX_set_max_proto_version(client_context.get(), version_max);
        client.reset(SSL_new(client_context.get()));
        BIO* client_end = nullptr;
        BIO* server_end = nullptr;
        BIO_new_bio_pair(&client_end, 0, &server_end, 0);
        SSL_set_bio(client.get(), client_end, client_end);
        SSL_set_bio(server.get(), server_end, server_end);
        SSL_set_connect_state(client.get());
        SSL_set_accept_state(server.get());
    }

    bool succeeds() const {
        for (int i = 0; i < 20; ++i) {
            const int at_client = SSL_do_handshake(client.get());
            const int at_server = SSL_do_handshake(server.get());
            if (at_client == 1 && at_server == 1) return true;
        }
        return false;
    }

    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> client_context;
    session client;
    session server;
};

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are served, nothing older", "[io][tls]") {
    const test::certificate certificate;
    const io::tls_context context{certificate.settings()};
    const auto [version, served] = GENERATE(table<int, bool>({
        {TLS1_VERSION, false},
        {TLS1_1_VERSION, false},
        {TLS1_2_VERSION, true},
        {TLS1_3_VERSION, true},
    }));
    CHECK(handshake{context.native().get(), version, version}.succeeds() == served);
}

TEST_CASE("the server's order decides, ECDSA and forward secrecy first", "[io][tls]") {
    const test::certificate certificate;
    const io::tls_context context{certificate.settings()};
    handshake with{context.native().get(), TLS1_2_VERSION, TLS1_2_VERSION};
    SSL_set_cipher_list(with.client.get(),
                        "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:AES128-SHA");
    REQUIRE(with.succeeds());
    CHECK(SSL_get_cipher_name(with.server.get()) == std::string{"ECDHE-ECDSA-AES128-GCM-SHA256"});
}

TEST_CASE("there is no renegotiation", "[io][tls]") {
    const test::certificate certificate;
    const io::tls_context context{certificate.settings()};
    handshake with{context.native().get(), TLS1_2_VERSION, TLS1_2_VERSION};
    REQUIRE(with.succeeds());
    CHECK(SSL_renegotiate(with.server.get()) == 0);
    SSL_renegotiate(with.client.get());
    SSL_do_handshake(with.client.get());
    char nothing{};
    SSL_read(with.server.get(), &nothing, 1);
    CHECK_FALSE(with.succeeds());
}

TEST_CASE("RFC 7443: stun.turn and stun.nat-discovery are chosen, and other protocols alone refused",
          "[io][tls][rfc7443]") {
    const test::certificate certificate;
    const io::tls_context context{certificate.settings()};
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    // The answer, or nothing where the handshake is to fail.
    const auto [offered, answer] = GENERATE(table<std::string, const char*>({
        {"", ""},
        {"\x09stun.turn", "stun.turn"},
        {"\x12stun.nat-discovery", "stun.nat-discovery"},
        {"\x12stun.nat-discovery\x09stun.turn", "stun.turn"},
        {"\x02h2\x08http/1.1\x09stun.turn", "stun.turn"},
        {"\x02h2\x08http/1.1", nullptr},
        {"\x08stun.tur", nullptr},
        {"\x0astun.turns", nullptr},
    }));
    handshake with{context.native().get(), version, version};
    const std::vector<unsigned char> list{offered.begin(), offered.end()};
    SSL_set_alpn_protos(with.client.get(), list.data(), static_cast<unsigned>(list.size()));
    REQUIRE(with.succeeds() == (answer != nullptr));
    if (answer == nullptr) return;
    const unsigned char* chosen = nullptr;
    unsigned int bytes = 0;
    SSL_get0_alpn_selected(with.client.get(), &chosen, &bytes);
    CHECK(std::string{chosen, chosen + bytes} == answer);
}
