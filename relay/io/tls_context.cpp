#include "relay/io/tls_context.hpp"

#include "relay/io/alpn.hpp"
#include "relay/io/dtls_session.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace turnix::io {

namespace {

constexpr auto tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384";

constexpr long client_message_bytes_max = 4'096;

// NOLINTNEXTLINE(readability-function-size): six parameters are what OpenSSL calls it with.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void*) noexcept {
    const auto protocol = choose_protocol({offered, offered_bytes});
    if (protocol.empty()) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = protocol.data();
    *chosen_bytes = static_cast<unsigned char>(protocol.size());
    return SSL_TLSEXT_ERR_OK;
}

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view fault, std::string_view remedy) {
    throw std::runtime_error{fmt::format("{}: {}; {}", file.string(), fault, remedy)};
}

void require_readable(const std::filesystem::path& file, std::string_view key) {
    if (!std::filesystem::exists(file)) {
        fail(file, "no such file", fmt::format("create it or correct {}", key));
    }
    if (!std::ifstream{file}) fail(file, "cannot be read", "let the user that runs turnixd read it");
}

}  // namespace

void ssl_deleter::operator()(SSL* session) const noexcept { SSL_free(session); }

shared_ssl_context make_ssl_context(const contract::tls_settings& settings, tls_kind kind) {
    shared_ssl_context made{
        SSL_CTX_new(kind == tls_kind::stream ? TLS_server_method() : DTLS_server_method()), SSL_CTX_free};
    if (!made) throw std::runtime_error{"OpenSSL cannot make a TLS context"};
    SSL_CTX* const context = made.get();
    SSL_CTX_set_min_proto_version(context, kind == tls_kind::stream ? TLS1_2_VERSION : DTLS1_2_VERSION);
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // A message may wait in a queue that grows at its end: partial writes go on from wherever it lies by
    // then.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_cipher_list(context, tls12_ciphers);
    SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
    if (kind == tls_kind::datagram) {
        ask_for_cookies(context);
        // A session that resumes could send data ahead of its Finished: full handshakes only.
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        // No client is asked for a certificate: OpenSSL makes room for no longer message that comes early.
        SSL_CTX_set_max_cert_list(context, client_message_bytes_max);
    }

    require_readable(settings.certificate, "relay.tls.certificate");
    require_readable(settings.private_key, "relay.tls.private_key");
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
        fail(settings.certificate, "holds no certificate in PEM form",
             "put the chain there, the server's own first");
    }
    if (SSL_CTX_use_PrivateKey_file(context, settings.private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
        fail(settings.private_key, "holds no usable private key for the certificate",
             "put the certificate's key there in PEM form, without a passphrase");
    }
    ERR_clear_error();
    return made;
}

shared_ssl_context tls_context::native() const {
    const std::scoped_lock lock{mutex_};
    return context_;
}

void tls_context::renew(shared_ssl_context with) {
    const std::scoped_lock lock{mutex_};
    context_ = std::move(with);
}

}  // namespace turnix::io
