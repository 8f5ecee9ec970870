#include "daemon/self_signed_certificate.hpp"

#include "common/net/address.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace turnix::daemon {
namespace {

template <auto Free>
struct freed_by {
    template <class Object>
    void operator()(Object* object) const noexcept {
        Free(object);
    }
};

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, freed_by<X509_free>>;
using extension_pointer = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;
using output_pointer = std::unique_ptr<BIO, freed_by<BIO_free>>;

void require(bool succeeded) {
    if (!succeeded) throw std::runtime_error{"OpenSSL cannot make a self-signed certificate"};
}

bool is_host_name(std::string_view text) noexcept {
    constexpr std::string_view characters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    return !text.empty() && text.size() <= 253 && text.front() != '-' &&
           text.find_first_not_of(characters) == std::string_view::npos;
}

/// In OpenSSL's own notation, where a comma would begin a further name: hence the check of host names.
std::string alternative_names(std::string_view public_host) {
    std::string names{"DNS:localhost,IP:127.0.0.1,IP:::1"};
    if (const auto address = net::address::parse(public_host)) {
        if (!address->is_loopback()) names += fmt::format(",IP:{}", address->to_string());
    } else if (!is_host_name(public_host)) {
        throw std::runtime_error{
            fmt::format("\"{}\" is no host name or address; give one with --public-host", public_host)};
    } else if (public_host != "localhost") {
        names += fmt::format(",DNS:{}", public_host);
    }
    return names;
}

void add_extension(X509& certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const extension_pointer extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    require(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1);
}

void set_random_serial_number(X509& certificate) {
    // RFC 5280 §4.1.2.2: positive, at most 20 octets.
    const std::unique_ptr<BIGNUM, freed_by<BN_free>> number{BN_new()};
    require(number != nullptr && BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
            BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr);
}

void set_validity(X509& certificate, wall_time now) {
    const auto from = std::chrono::system_clock::to_time_t(now);
    const auto until = std::chrono::system_clock::to_time_t(now + self_signed_validity);
    require(ASN1_TIME_set(X509_getm_notBefore(&certificate), from) != nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(&certificate), until) != nullptr);
}

void set_name(X509& certificate) {
    constexpr std::string_view common_name = "turnixd";
    auto* const name = X509_get_subject_name(&certificate);
    // OpenSSL takes the text as unsigned bytes.
    std::array<unsigned char, common_name.size()> bytes{};
    std::ranges::copy(common_name, bytes.begin());
    require(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, bytes.data(),
                                       static_cast<int>(bytes.size()), -1, 0) == 1 &&
            X509_set_issuer_name(&certificate, name) == 1);
}

certificate_pointer make_certificate(EVP_PKEY& key, const std::string& names, wall_time now) {
    certificate_pointer certificate{X509_new()};
    require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
            X509_set_pubkey(certificate.get(), &key) == 1);
    set_random_serial_number(*certificate);
    set_validity(*certificate, now);
    set_name(*certificate);
    add_extension(*certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(*certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(*certificate, NID_ext_key_usage, "serverAuth");
    add_extension(*certificate, NID_subject_alt_name, names);
    require(X509_sign(certificate.get(), &key, EVP_sha256()) > 0);
    return certificate;
}

template <class Write>
std::string to_pem(Write write) {
    const output_pointer output{BIO_new(BIO_s_mem())};
    require(output != nullptr && write(output.get()) == 1);
    char* text = nullptr;
    const auto bytes = BIO_get_mem_data(output.get(), &text);
    return {text, static_cast<std::size_t>(bytes)};
}

}  // namespace

self_signed_certificate make_self_signed_certificate(std::string_view public_host, wall_time now) {
    const auto names = alternative_names(public_host);
    const key_pointer key{EVP_EC_gen("P-256")};
    require(key != nullptr);
    const auto certificate = make_certificate(*key, names, now);
    return {.certificate = to_pem([&](BIO* to) { return PEM_write_bio_X509(to, certificate.get()); }),
            .private_key = to_pem([&](BIO* to) {
                return PEM_write_bio_PKCS8PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

}  // namespace turnix::daemon
