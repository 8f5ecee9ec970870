#include "tests/api/http/test_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace turnix::http {

namespace {

constexpr long valid_seconds = 3600;

using file_handle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

file_handle open_for_writing(const std::filesystem::path& file) {
    file_handle opened{std::fopen(file.c_str(), "w"), &std::fclose};
    if (!opened) throw std::runtime_error{"cannot write " + file.string()};
    return opened;
}

}  // namespace

server_certificate make_test_certificate(const std::filesystem::path& directory) {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> made{X509_new(), &X509_free};
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), valid_seconds);
    X509_set_pubkey(made.get(), key.get());
    constexpr std::array<unsigned char, 9> name{'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, name.data(),
                               int{name.size()}, -1, 0);
    X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
    X509_sign(made.get(), key.get(), EVP_sha256());

    server_certificate files{.certificate = directory / "certificate.pem",
                             .private_key = directory / "key.pem"};
    PEM_write_X509(open_for_writing(files.certificate).get(), made.get());
    PEM_write_PrivateKey(open_for_writing(files.private_key).get(), key.get(), nullptr, nullptr, 0, nullptr,
                         nullptr);
    return files;
}

}  // namespace turnix::http
