#include "daemon/command_line.hpp"

int main(int argument_count, char** arguments) {
    return static_cast<int>(turnix::daemon::run_command_line(argument_count, arguments));
}
