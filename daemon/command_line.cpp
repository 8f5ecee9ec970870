#include "daemon/command_line.hpp"

#include "daemon/check_command.hpp"
#include "daemon/control_commands.hpp"
#include "daemon/debug_command.hpp"
#include "daemon/init_command.hpp"
#include "daemon/keys_command.hpp"
#include "daemon/missing_parts.hpp"
#include "daemon/reload_command.hpp"
#include "daemon/run_command.hpp"
#include "daemon/token_command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <exception>
#include <functional>
#include <iostream>
#include <string>

namespace turnix::daemon {
namespace {

constexpr const char* footer =
    "Exit status: 0 success; 1 a fault of the configuration or the machine; 2 a fault of the command line.\n"
    "Every key of the configuration: docs/configuration.md";

/// What is to be done once the command line is understood.
using command = std::function<exit_code()>;

/// The option values of every command; they live as long as the parser.
struct command_options {
    init_options init;
    missing_parts_options missing_parts;
    configuration_options configuration;
    check_options check;
    token_options token;
    debug_options debug;
    control_options control;
    keys_options keys;
};

void add_configuration(CLI::App& to, configuration_options& options) {
    to.add_option("--config", options.file, "The configuration file")->required()->type_name("FILE");
    to.add_option("--set", options.overrides, "Override one key; may be repeated")
        ->allow_extra_args(false)
        ->type_name("KEY=VALUE");
}

void add_init(CLI::App& to, init_options& options, missing_parts_options& parts, command& chosen) {
    auto& init = *to.add_subcommand("init", "Make everything that `run` needs");
    auto& where = *init.add_option_group("Where");
    where.require_option(1);
    where.add_option("--data", options.data, "A data directory to make, new or empty")->type_name("DIR");
    where
        .add_option("--config", parts.configuration.file,
                    "A configuration that is there already: make what it names and the machine lacks")
        ->type_name("FILE");
    init.add_option("--region", options.region, "The slug of this node's region")
        ->capture_default_str()
        ->type_name("SLUG");
    init.add_option("--public-host", options.public_host, "Name or address that clients reach it by")
        ->capture_default_str()
        ->type_name("HOST");
    init.add_option("--organisation", options.organisation, "The first organisation's name")
        ->capture_default_str()
        ->type_name("NAME");
    init.add_option("--project", options.project, "The first project's slug")
        ->capture_default_str()
        ->type_name("SLUG");
    init.add_option("--join", options.join,
                    "The key ring of a fleet to join: no organisation is made, the node takes those that the "
                    "fleet has")
        ->type_name("FILE");
    auto* const certificate =
        init.add_option("--certificate", options.certificate, "A certificate chain (PEM) to use")
            ->type_name("FILE");
    auto* const private_key =
        init.add_option("--private-key", options.private_key, "Its private key (PEM)")->type_name("FILE");
    certificate->needs(private_key);
    private_key->needs(certificate);
    init.add_flag("--json", options.json, "Print {\"config\":…,\"token\":…}");
    init.callback([&] {
        chosen = [&] {
            if (parts.configuration.file.empty()) return run_init(options);
            parts.organisation = options.organisation;
            parts.project = options.project;
            parts.join = options.join;
            return make_missing_parts(parts);
        };
    });
}

void add_run(CLI::App& to, configuration_options& options, command& chosen) {
    auto& run = *to.add_subcommand("run", "Serve until SIGTERM or SIGINT");
    add_configuration(run, options);
    run.callback([&] { chosen = [&] { return run_daemon(options); }; });
}

void add_check(CLI::App& to, check_options& options, command& chosen) {
    auto& check = *to.add_subcommand("check", "List everything that is wrong with a configuration");
    add_configuration(check, options.configuration);
    check.add_flag("--print-effective", options.print_effective,
                   "Print every key with its value and where it was written");
    check.callback([&] { chosen = [&] { return run_check(options); }; });
}

void add_reload(CLI::App& to, configuration_options& options, command& chosen) {
    auto& reload = *to.add_subcommand("reload", "Have the running daemon read its configuration again");
    add_configuration(reload, options);
    reload.callback([&] { chosen = [&] { return run_reload(options); }; });
}

void add_debug(CLI::App& to, debug_options& options, command& chosen) {
    auto& debug = *to.add_subcommand("debug", "Have the log of the running daemon tell of one credential");
    add_configuration(debug, options.configuration);
    auto* const credential =
        debug.add_option("credential", options.credential, "The credential_id that it came with");
    debug.add_option("--for", options.for_s, "For how long, up to an hour")
        ->capture_default_str()
        ->type_name("SECONDS");
    auto* const off = debug.add_flag("--off", options.off, "Tell of none any more")->excludes(credential);
    debug.callback([&options, &chosen, credential, off] {
        if (credential->empty() && off->empty()) throw CLI::RequiredError{"credential"};
        chosen = [&options] { return run_debug(options); };
    });
}

struct token_verb {
    const char* name;
    const char* description;
    exit_code (*run)(const token_options&);
};

CLI::App& add_token_verb(CLI::App& to, const token_verb& verb, token_options& options, command& chosen) {
    auto& added = *to.add_subcommand(verb.name, verb.description);
    add_configuration(added, options.configuration);
    added.add_flag("--json", options.json, "Print the API's answer");
    added.callback(
        [&options, &chosen, run = verb.run] { chosen = [&options, run] { return run(options); }; });
    return added;
}

void add_token(CLI::App& to, token_options& options, command& chosen) {
    auto& token = *to.add_subcommand("token", "API tokens, whether the daemon runs or not");
    token.require_subcommand(1);
    auto& create = add_token_verb(token, {"create", "Make a token and show it, this once", run_token_create},
                                  options, chosen);
    create.add_option("--name", options.name, "What people call it")
        ->capture_default_str()
        ->type_name("NAME");
    create.add_option("--scope", options.scopes, "A scope it has; may be repeated; all by default")
        ->allow_extra_args(false)
        ->type_name("SCOPE");
    create.add_option("--project", options.project, "Only for this project, by its slug")->type_name("SLUG");
    add_token_verb(token, {"list", "List the tokens, without their secrets", run_token_list}, options,
                   chosen);
    auto& rotate = add_token_verb(
        token, {"rotate", "Give a token a new secret and show it, this once", run_token_rotate}, options,
        chosen);
    rotate.add_option("id", options.id, "The token's id, as `token list` gives it")->required();
    rotate.add_option("--overlap", options.overlap_s, "For how long the old secret is good as well")
        ->capture_default_str()
        ->type_name("SECONDS");
    add_token_verb(token, {"revoke", "Refuse a token from now on", run_token_revoke}, options, chosen)
        .add_option("id", options.id, "The token's id, as `token list` gives it")
        ->required();
}

struct control_verb {
    const char* name;
    const char* description;
    exit_code (*run)(const control_options&);
};

CLI::App& add_control_verb(CLI::App& to, const control_verb& verb, control_options& options,
                           command& chosen) {
    auto& added = *to.add_subcommand(verb.name, verb.description);
    add_configuration(added, options.configuration);
    added.add_option("--project", options.project, "The project, by its slug; the default one otherwise")
        ->type_name("SLUG");
    added.add_flag("--json", options.json, "Print the API's answer");
    added.callback(
        [&options, &chosen, run = verb.run] { chosen = [&options, run] { return run(options); }; });
    return added;
}

struct keys_verb {
    const char* name;
    const char* description;
    exit_code (*run)(const keys_options&);
};

CLI::App& add_keys_verb(CLI::App& to, const keys_verb& verb, keys_options& options, command& chosen) {
    auto& added = *to.add_subcommand(verb.name, verb.description);
    add_configuration(added, options.configuration);
    added.add_flag("--json", options.json, "Print the answer as JSON");
    added.callback(
        [&options, &chosen, run = verb.run] { chosen = [&options, run] { return run(options); }; });
    return added;
}

void add_keys(CLI::App& to, keys_options& options, command& chosen) {
    auto& keys = *to.add_subcommand("keys", "The keys that seal credentials and gossip, on every node");
    keys.require_subcommand(1);
    add_keys_verb(keys, {"list", "List them, and which nodes lack them", run_keys_list}, options, chosen);
    add_keys_verb(
        keys, {"add", "Make a key and give it to every node; nothing is sealed with it yet", run_keys_add},
        options, chosen)
        .add_flag("--force", options.force, "While the daemon of a fleet's node does not run");
    for (const auto& verb : {keys_verb{"use", "Seal with this key from now on, on every node", run_keys_use},
                             keys_verb{"retire", "Open with this key only what it has sealed, then forget it",
                                       run_keys_retire}}) {
        auto& added = add_keys_verb(keys, verb, options, chosen);
        added.add_option("number", options.number, "The key's number, as `keys list` gives it")->required();
        added.add_flag("--force", options.force, "Whatever other nodes hold");
    }
}

void add_sessions(CLI::App& to, control_options& options, command& chosen) {
    auto& sessions = *to.add_subcommand("sessions", "Calls, those that live and those that were");
    sessions.require_subcommand(1);
    auto& list =
        add_control_verb(sessions, {"list", "List them, newest first", run_sessions_list}, options, chosen);
    list.add_option("--room", options.room, "Of this room only")->type_name("ROOM");
    list.add_option("--client", options.client, "Of this client only")->type_name("CLIENT");
    list.add_flag("--live", options.live, "Live ones");
    list.add_flag("--ended", options.ended, "Ended ones");
    for (const auto& verb : {control_verb{"show", "Show one", run_sessions_show},
                             control_verb{"end", "End one, at once", run_sessions_end}}) {
        add_control_verb(sessions, verb, options, chosen)
            .add_option("id", options.id, "The session's id, as `sessions list` gives it")
            ->required();
    }
}

void add_drain(CLI::App& to, control_options& options, command& chosen) {
    auto& drain = add_control_verb(
        to, {"drain", "Take no new calls, and let those that live go on", run_drain}, options, chosen);
    auto* const off = drain.add_flag("--off", options.off, "Take new calls again");
    drain.add_flag("--stop", options.stop, "Stop when the last call has ended, as at SIGTERM")->excludes(off);
}

void add_revoke(CLI::App& to, control_options& options, command& chosen) {
    auto& revoke = add_control_verb(to, {"revoke", "Revoke credentials and end their calls", run_revoke},
                                    options, chosen);
    revoke.add_option("id", options.id, "One credential, by the credential_id it came with");
    revoke.add_option("--room", options.room, "All of this room")->type_name("ROOM");
    revoke.add_option("--client", options.client, "All of this client")->type_name("CLIENT");
    revoke.add_option("--token", options.token, "All that this token issued")->type_name("ID");
    revoke.add_flag("--drain", options.drain, "Let calls go on and begin nothing new");
}

}  // namespace

exit_code run_command_line(int argument_count, const char* const* arguments) {
    command_options options;
    command chosen;
    CLI::App app{"TURN relay, credential service and regional fleet in one daemon", "turnixd"};
    app.require_subcommand(1);
    app.footer(footer);
    add_init(app, options.init, options.missing_parts, chosen);
    add_run(app, options.configuration, chosen);
    add_check(app, options.check, chosen);
    add_reload(app, options.configuration, chosen);
    add_token(app, options.token, chosen);
    add_debug(app, options.debug, chosen);
    add_keys(app, options.keys, chosen);
    add_sessions(app, options.control, chosen);
    add_revoke(app, options.control, chosen);
    add_drain(app, options.control, chosen);
    add_control_verb(app, {"status", "Show what the node does at this moment", run_status}, options.control,
                     chosen);
    add_control_verb(app, {"regions", "List the fleet's regions", run_regions}, options.control, chosen);
    app.add_subcommand("version", "Print the version")->callback([&] {
        chosen = [] {
            std::cout << "turnixd " TURNIX_VERSION "\n";
            return exit_code::success;
        };
    });
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_code::success : exit_code::usage;
    }
    try {
        return chosen();
    } catch (const std::exception& error) {
        std::cerr << "turnixd: " << error.what() << '\n';
        return exit_code::failure;
    }
}

}  // namespace turnix::daemon
