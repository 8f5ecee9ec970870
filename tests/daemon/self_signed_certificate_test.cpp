#include "daemon/self_signed_certificate.hpp"

#include "common/config/certificate_check.hpp"
#include "tests/common/config/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

using namespace turnix;
using namespace turnix::daemon;

namespace {

using certificate_pointer = std::unique_ptr<X509, decltype(&::X509_free)>;

certificate_pointer parsed(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&::BIO_free)> input{
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &::BIO_free};
    return {PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr), &::X509_free};
}

}  // namespace

TEST_CASE("the self-signed certificate is P-256, for loopback and the public host", "[daemon][tls]") {
    const tests::temporary_directory directory;
    const auto* const host =
        GENERATE("127.0.0.1", "localhost", "turn.example.net", "192.0.2.7", "2001:db8::7");
    const auto made = make_self_signed_certificate(host, instant::now().wall);
    CHECK_FALSE(config::check_certificate({.certificate = directory.write("c.pem", made.certificate),
                                           .private_key = directory.write("k.pem", made.private_key)})
                    .has_value());
    const auto certificate = parsed(made.certificate);
    REQUIRE(certificate != nullptr);
    CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())) == 256);
    for (const auto* const address : {"127.0.0.1", "::1"}) {
        CHECK(X509_check_ip_asc(certificate.get(), address, 0) == 1);
    }
    CHECK(X509_check_host(certificate.get(), "localhost", 0, 0, nullptr) == 1);
    CHECK((X509_check_host(certificate.get(), host, 0, 0, nullptr) == 1 ||
           X509_check_ip_asc(certificate.get(), host, 0) == 1));
    CHECK(X509_cmp_current_time(X509_get0_notBefore(certificate.get())) < 0);
    CHECK(X509_cmp_current_time(X509_get0_notAfter(certificate.get())) > 0);
}

TEST_CASE("a public host that would smuggle in another name is refused", "[daemon][tls]") {
    const auto* const host = GENERATE("", "a,DNS:b.example", "a b", "-a", "a:1");
    CHECK_THROWS_WITH(make_self_signed_certificate(host, instant::now().wall),
                      Catch::Matchers::Contains("--public-host"));
}
