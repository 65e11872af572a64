import { type Redactor, secretsOfEnvironment } from "../../base/redact.ts";
import { defined } from "../../base/defined.ts";
import { toAgentSettings } from "../../config/agentSettings.ts";
import type { Gateway } from "../../gateway/createGateway.ts";
import type { AgentSettings } from "../../core/ports/settings.ts";
import type { Configuration } from "./configuration.ts";
import { createFolderSettings } from "./folderSettings.ts";
import { configuredSecrets } from "./configuredSecrets.ts";
import { createProviders, type ProvidersOptions } from "../createProviders.ts";
import { listTokens } from "./gatewayTokens.ts";
import type { AppOptions } from "../runningApp.ts";

type Serving = Parameters<Gateway["reconfigure"]>[0];

/** What the configuration means for the agent and for the gateway, until it is read anew. */
export interface SettingsInForce {
  /** What a run in that folder goes by; without one, what this process goes by. */
  agent(folder?: string): AgentSettings;
  providers(): ReturnType<typeof createProviders>;
  /** The tokens, which no log or page shows from here on, and where to serve. */
  serving(): Promise<Serving>;
  /** Takes the configuration as it is now. */
  refresh(): void;
}

/** No log or page shows what the configuration gives in confidence, from when it is taken on. */
export function createSettingsInForce(
  configuration: Configuration,
  redactor: Redactor,
  options: AppOptions & Pick<ProvidersOptions, "keyElsewhere">,
): SettingsInForce {
  const { host, keyElsewhere } = options;
  // Of the editor's window, too, whose environment no command line has read.
  for (const value of secretsOfEnvironment(process.env)) redactor.add(value);
  const read = () => {
    const config = configuration.current();
    configuredSecrets(config).forEach(redactor.add);
    return {
      agent: toAgentSettings(config),
      providers: createProviders({ config, host, env: process.env, keyElsewhere }),
    };
  };
  let now = read();
  const folderSettings = createFolderSettings(host, configuration);
  return {
    agent: (folder) => (folder === undefined ? undefined : folderSettings(folder)) ?? now.agent,
    providers: () => now.providers,
    async serving() {
      const tokens = await listTokens(configuration.current(), host.stateDir);
      for (const { value } of tokens) redactor.add(value);
      const remote = configuration.current().gateway.remote === "on";
      return { tokens, address: toAddress(configuration, options), remote };
    },
    refresh: () => void (now = read()),
  };
}

/** Where to serve: what the command line or the editor says goes before the configuration. */
function toAddress(configuration: Configuration, { port, bindHost }: AppOptions): Serving["address"] {
  const { gateway, channels } = configuration.current();
  const { url } = channels.telegram?.webhook ?? {};
  return {
    host: bindHost ?? gateway.host,
    port: port ?? gateway.port ?? 3000,
    portIsDefault: port === undefined && gateway.port === undefined,
    ...defined({ tls: gateway.tls }),
    // Telegram is shown this certificate, and asks by that name.
    ...(url === undefined ? {} : { names: [new URL(url).hostname] }),
  };
}
