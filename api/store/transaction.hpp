// A transaction that ends with its scope: rolled back unless it was committed.
#pragma once

#include "api/store/sqlite_database.hpp"

namespace turnix::store {

class transaction {
  public:
    explicit transaction(sqlite_database& database) : database_{database} {
        database_.run("begin immediate");
    }
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;
    ~transaction() { database_.roll_back(); }

    void commit() { database_.run("commit"); }

  private:
    sqlite_database& database_;
};

}  // namespace turnix::store
