import { CHANNELS } from "../../protocol/outside/channelNames.ts";
import type { Clock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Redactor } from "../../base/redact.ts";
import { openSecrets } from "../../config/secrets.ts";
import { keptToken } from "../../config/stateFolder.ts";
import type { Host } from "../../core/ports/host.ts";
import { openAccount } from "../../mcp/auth/account.ts";
import * as backends from "../../tools/web/backends/index.ts";
import { within } from "../../base/wait.ts";
import { postSecret } from "../signedPost.ts";
import type { Configuration } from "./configuration.ts";
import type { SettingsInForce } from "./settingsInForce.ts";

/** What is stored in confidence beside the configuration: by the user, and by the agent itself. */
export interface StoredSecrets {
  /**
   * Reads all of it anew: the redactor knows it from then on. What cannot be read is passed over, and logged; what comes late,
   * as from a keyring that asks its user, is known when it comes.
   */
  read(): Promise<void>;
}

const LATE_MS = 3_000;

interface StoredSecretsOptions {
  /** Its secrets are known once they are read: see `confiding`. */
  host: Host;
  configuration: Configuration;
  settings: Pick<SettingsInForce, "providers">;
  redactor: Redactor;
  clock: Clock;
  log: Log;
}

/** The same host, whose secrets the redactor knows once they are read. */
export function confiding(host: Host, redactor: Redactor): Host {
  return {
    ...host,
    async secret(name) {
      const value = await host.secret(name);
      redactor.add(value);
      return value;
    },
  };
}

export function openStoredSecrets(options: StoredSecretsOptions): StoredSecrets {
  const { host, configuration, settings, redactor, clock, log } = options;
  const { stateDir, vault } = host;
  const ofAgent = async () => [keptToken(stateDir), postSecret(stateDir)];
  // The host may hide one of them by its own of that name.
  const inFile = async () => {
    const file = openSecrets(stateDir);
    return file.names().map((name) => file.get(name));
  };
  const ofAccount = async (name: string, url: string) => {
    const { client, tokens } = await openAccount(stateDir, name, url, vault).read();
    const registered = client && "client_secret" in client ? client.client_secret : undefined;
    return [tokens?.access_token, tokens?.refresh_token, tokens?.id_token, registered];
  };
  /** By what is read: each is known as soon as it is there, whatever the others do. */
  const sources = (): Map<string, () => Promise<(string | undefined)[]>> => {
    const holders = [...settings.providers().map(({ provider }) => provider), ...Object.values(backends)];
    const names = [...holders.map(({ id }) => `${id}.apiKey`), ...CHANNELS.map((id) => `${id}.token`)];
    const servers = Object.entries(configuration.current().mcp.servers);
    return new Map([
      ["the agent's own", ofAgent],
      ["secrets.json", inFile],
      ...names.map((name) => [name, async () => [await host.secret(name)]] as const),
      ...servers.flatMap(([name, { url }]) =>
        url === undefined ? [] : [[`server ${name}`, () => ofAccount(name, url)] as const],
      ),
    ]);
  };
  const pending = new Map<string, Promise<void>>();
  const readOne = async (name: string, read: () => Promise<(string | undefined)[]>): Promise<void> => {
    try {
      (await read()).forEach(redactor.add);
    } catch (error) {
      log.debug("A stored secret could not be read", { name, error: describeError(error) });
    } finally {
      pending.delete(name);
    }
  };
  let isLate = false;
  return {
    async read() {
      for (const [name, read] of sources()) if (!pending.has(name)) pending.set(name, readOne(name, read));
      const all = Promise.all(pending.values()).then(() => true);
      const isRead = await within(clock, LATE_MS, all);
      if (!isRead && !isLate) log.warn("Some stored secrets could not be read in time", { names: [...pending.keys()] });
      isLate = !isRead;
    },
  };
}
