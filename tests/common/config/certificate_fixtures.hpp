// Throw-away keys for the tests of TLS settings. They guard nothing.
#pragma once

#include <string_view>

namespace turnix::config::fixtures {

inline constexpr std::string_view certificate = R"(-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUe8WOU3fKGvgx7lPh3iQ8upITiEIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDAzMDQwMFoYDzIxMjYxMDMx
MDMwNDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASxFWEdX+/rQONRXd5JF++/OqNOa7+gQO0JKdm4ykXyivK+Rs68o0g9
Hm05TdBBIdEgPEnpryWO7rqKET65qgC+o1MwUTAdBgNVHQ4EFgQUXwnqIWoOxviy
zCOzVxVxSep5HVcwHwYDVR0jBBgwFoAUXwnqIWoOxviyzCOzVxVxSep5HVcwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAqoCqFrTsNlIDWs2dzgDt
Pta7zmtrgVxSj7WxT/Qau4YCIQDPcdQvG7pGTZ4cVQFBdnYTlNmVFrrJxSkOaMSH
F+DBbw==
-----END CERTIFICATE-----
)";

inline constexpr std::string_view private_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2SyaNw3tRiK2zrvC
xF5lDeuAEwvo2ciO4UgtSLHyW/yhRANCAASxFWEdX+/rQONRXd5JF++/OqNOa7+g
QO0JKdm4ykXyivK+Rs68o0g9Hm05TdBBIdEgPEnpryWO7rqKET65qgC+
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view another_private_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj9lYU5ecSDxGryUe
hueoDVJVD/OgIRcm/OEqdIgnpdahRANCAAQ+PnxXOaVQyuPi6JlXzh/fqhFuLgCw
4x0ODNumg4+wOJMFZzfpJQ1a8i4vY+4c0CT7eAPmhPEGviyzP9efkK0H
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view private_key_of_another_type = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGhiOczPyJDmlXlQI2q4Pn1h9TB00bqPCz6vaUD4TURE
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view private_key_under_passphrase = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjwQbep9DAMeAICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDvsFVfw7LhI5PqRCsUf3zQEgZD/
IsJZ6hi+P3qye+68ZUJf44KqnKd+B4BSqotd9Xd43LyXYtRP8hXT9iDnCzbXVwhi
WJPqjEvgceyGJYmTtEHQZeUX6zQrY6d4jdU9x8GTSIzNvpMOttcizqPcoMBuTBgO
TzG0Ssa3aSoRU0Kfz4EHF6XjBemm7gfg0RRD3QWvEQ4YvXbsrs97uoEKmWjU6JU=
-----END ENCRYPTED PRIVATE KEY-----
)";

}  // namespace turnix::config::fixtures
