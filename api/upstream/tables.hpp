// Each shared table by itself; shared_tables() has them all.
#pragma once

#include "api/upstream/shared_table.hpp"

namespace turnix::upstream {

shared_table organisation_table();
shared_table project_table();
shared_table token_table();
shared_table webhook_table();
shared_table session_table();
shared_table usage_table();

}  // namespace turnix::upstream
