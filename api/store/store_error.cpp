#include "api/store/store_error.hpp"

#include <sqlite3.h>

namespace turnix::store {

bool store_error::is_about_the_data() const noexcept {
    switch (code_) {
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
        case SQLITE_MISUSE:
            return true;
        default:
            return false;
    }
}

}  // namespace turnix::store
