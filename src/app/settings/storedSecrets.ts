import { CHANNELS } from "../../base/channelNames.ts";
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
  const readAll = async () => {
    const holders = [...settings.providers().map(({ provider }) => provider), ...Object.values(backends)];
    const names = [...holders.map(({ id }) => `${id}.apiKey`), ...CHANNELS.map((id) => `${id}.token`)];
    const servers = Object.entries(configuration.current().mcp.servers);
    const found = await Promise.allSettled([
      ...names.map(async (name) => [await host.secret(name)]),
      ...servers.map(async ([name, { url }]) => (url === undefined ? [] : await ofAccount(name, url))),
      inFile(),
      ofAgent(),
    ]);
    for (const one of found) if (one.status === "fulfilled") one.value.forEach(redactor.add);
    const failed = found.find((one) => one.status === "rejected");
    if (failed) log.debug("Not every stored secret could be read", { error: describeError(failed.reason) });
    return true;
  };
  let reading: Promise<boolean> | undefined;
  return {
    async read() {
      reading ??= readAll().finally(() => void (reading = undefined));
      if (!(await within(clock, LATE_MS, reading))) log.warn("Not every stored secret could be read in time");
    },
  };
}
