import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { OWN_TOKEN } from "../../config/agentSettings.ts";
import type { Config } from "../../config/configSchema.ts";
import { keepToken, noteGivenToken, readOwnToken, rotateToken } from "../../config/stateFolder.ts";
import type { NamedToken } from "../../gateway/auth/tokens.ts";

type Limited = Omit<NamedToken, "requestsPerMinute"> & { requestsPerMinute?: number | undefined };

/** The tokens in force: the gateway's own first, then those that the configuration names. */
export async function listTokens({ gateway }: Config, stateDir: string): Promise<NamedToken[]> {
  if (gateway.token !== undefined) await noteGivenToken(stateDir, gateway.token);
  const value = gateway.token ?? readOwnToken(stateDir) ?? (await rotateToken(stateDir));
  const own = { name: OWN_TOKEN, value, scope: "admin" as const };
  const named = Object.entries(gateway.tokens).map(([name, { token, scope, requestsPerMinute }]) => ({
    name,
    value: token,
    scope,
    requestsPerMinute,
  }));
  return [own, ...named].map(({ requestsPerMinute = gateway.requestsPerMinute, ...token }: Limited) => ({
    ...token,
    ...defined({ requestsPerMinute }),
  }));
}

/** Makes a rotated token durable. Those that openclaw.yml gives can only be changed there: `conflict`. */
export async function keepOwnToken({ gateway }: Config, stateDir: string, name: string, value: string): Promise<void> {
  if (name !== OWN_TOKEN || gateway.token !== undefined) {
    throw new AppError("conflict", `The token ${JSON.stringify(name)} is set in openclaw.yml; change it there`);
  }
  await keepToken(stateDir, value);
}
