#include "api/channel/pinned_tls.hpp"

#include "common/crypto/openssl.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace turnix::channel {

namespace {

using crypto::require;
using context = boost::asio::ssl::context;

struct key_deleter {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, key_deleter>;

struct certificate_deleter {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using certificate_pointer = std::unique_ptr<X509, certificate_deleter>;

/// RFC 5280 §4.1.2.5: the end of a certificate that has none.
constexpr auto no_end = "99991231235959Z";
constexpr auto long_ago = "20000101000000Z";

certificate_pointer make_certificate(EVP_PKEY& key) {
    constexpr std::array<unsigned char, 12> common_name{'t', 'u', 'r', 'n', 'i', 'x',
                                                        'd', ' ', 'n', 'o', 'd', 'e'};
    certificate_pointer made{X509_new()};
    require(made != nullptr);
    auto* const name = X509_get_subject_name(made.get());
    require(X509_set_version(made.get(), X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 &&
            ASN1_TIME_set_string(X509_getm_notBefore(made.get()), long_ago) == 1 &&
            ASN1_TIME_set_string(X509_getm_notAfter(made.get()), no_end) == 1 &&
            X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, common_name.data(),
                                       static_cast<int>(common_name.size()), -1, 0) == 1 &&
            X509_set_issuer_name(made.get(), name) == 1 && X509_set_pubkey(made.get(), &key) == 1 &&
            X509_sign(made.get(), &key, nullptr) > 0);
    return made;
}

/// Nothing when it is no Ed25519 key.
std::optional<crypto::ed25519_public_key> key_of(X509* certificate) noexcept {
    auto* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    if (key == nullptr || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return std::nullopt;
    crypto::ed25519_public_key raw{};
    auto length = raw.size();
    const auto into = crypto::openssl_bytes(std::span<std::byte>{raw});
    if (EVP_PKEY_get_raw_public_key(key, into, &length) != 1 || length != raw.size()) return std::nullopt;
    return raw;
}

/// What a context verifies by lives as long as whoever holds the context.
struct pinned_context {
    std::shared_ptr<const pinned_keys> expected;
    context tls{context::tlsv13};
};

/// In the place of OpenSSL's own check, which would ask for authorities, names and dates.
int verify(X509_STORE_CTX* of, void* expected) noexcept {
    const auto shown = key_of(X509_STORE_CTX_get0_cert(of));
    const auto& keys = *static_cast<const pinned_context*>(expected)->expected;
    const bool is_known = shown && std::ranges::find(keys, *shown) != keys.end();
    if (!is_known) X509_STORE_CTX_set_error(of, X509_V_ERR_CERT_UNTRUSTED);
    return is_known ? 1 : 0;
}

}  // namespace

std::shared_ptr<context> make_pinned_tls(const crypto::secret<32>& own_key,
                                         std::shared_ptr<const pinned_keys> expected) {
    constexpr auto algorithms = "ed25519";
    const key_pointer key{EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, own_key.bytes().data(),
                                                          own_key.bytes().size())};
    require(key != nullptr);
    const auto certificate = make_certificate(*key);
    const auto made = std::make_shared<pinned_context>(pinned_context{.expected = std::move(expected)});
    auto* const tls = made->tls.native_handle();
    // A session that is resumed shows no certificate.
    made->tls.set_options(SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    require(SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(tls, 0) == 1 &&
            SSL_CTX_set1_sigalgs_list(tls, algorithms) == 1 &&
            SSL_CTX_use_certificate(tls, certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(tls, key.get()) == 1);
    made->tls.set_verify_mode(boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert);
    SSL_CTX_set_cert_verify_callback(tls, verify, made.get());
    return {made, &made->tls};
}

}  // namespace turnix::channel
