#include "api/upstream/shared_table.hpp"

#include "api/upstream/tables.hpp"

#include <array>

namespace turnix::upstream {

std::span<const shared_table> shared_tables() {
    static const std::array all{organisation_table(), project_table(), token_table(),
                                webhook_table(),      session_table(), usage_table()};
    return all;
}

}  // namespace turnix::upstream
