import type { RunningServers } from "../mcp/createMcpServers.ts";
import { createMcpServers } from "../mcp/createMcpServers.ts";
import { concealAddress, concealArguments, concealCommand } from "../mcp/servers/serverSecrets.ts";
import type { Acting } from "./leading/leading.ts";

/** The servers of the configuration, which follow its changes. */
export function openMcpServers(acting: Acting): RunningServers {
  const { host, clock, log, redactor, configuration, closing } = acting;
  const servers = createMcpServers({
    settings: () => configuration.current().mcp.servers,
    stateDir: host.stateDir,
    workspaces: () => host.workspaces(),
    version: host.version,
    clock,
    log,
    redact: redactor.text,
    vault: host.vault,
    fetch: host.fetch,
    elsewhere: acting.askElsewhere,
  });
  closing.add("the MCP servers", () => servers.close());
  const following = configuration.onDidChange(() => servers.refresh());
  closing.add("the MCP servers' settings", () => following.dispose());
  const askingAgain = acting.changes.on(() => servers.askAgain());
  closing.add("the MCP servers' questions", () => askingAgain.dispose());
  return servers;
}

/** The configuration without what servers and hooks are given in confidence: of variables and headers the names alone. */
export function withoutGivenSecrets(configuration: Record<string, unknown>): Record<string, unknown> {
  const { servers = {} } = (configuration["mcp"] ?? {}) as { servers?: Record<string, Given> };
  const hidden = Object.entries(servers).map(([name, server]) => [
    name,
    {
      ...server,
      ...(server.url === undefined ? {} : { url: concealAddress(server.url).shown }),
      ...(server.args === undefined ? {} : { args: concealArguments(server.args).shown }),
      env: hideValues(server.env),
      headers: hideValues(server.headers),
      ...(server.oauth ? { oauth: hideValues(server.oauth) } : {}),
    },
  ]);
  const hooks = Object.entries((configuration["hooks"] ?? {}) as Record<string, Given[]>).map(([moment, given]) => [
    moment,
    // What stands behind an address's host is often its key.
    given.map((hook) => ({
      ...hook,
      env: hideValues(hook.env),
      ...(hook.command === undefined ? {} : { command: concealCommand(hook.command).shown }),
      ...(hook.url === undefined ? {} : { url: `${URL.parse(hook.url)?.origin}/[redacted]` }),
    })),
  ]);
  return { ...configuration, mcp: { servers: Object.fromEntries(hidden) }, hooks: Object.fromEntries(hooks) };
}

interface Given {
  command?: string | string[];
  args?: string[];
  env?: Record<string, string>;
  url?: string;
  headers?: Record<string, string>;
  oauth?: Record<string, string>;
}

function hideValues(values: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, "[redacted]"]));
}
