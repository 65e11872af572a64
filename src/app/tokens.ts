import { AppError } from "../base/appError.ts";
import type { Config } from "../config/schema.ts";
import { keepToken, readOrMakeToken } from "../config/stateFolder.ts";
import type { NamedToken } from "../gateway/tokens.ts";

/** Name of the token that the state folder keeps, or `gateway.token` gives. */
export const OWN_TOKEN = "default";

/** The tokens in force: the gateway's own first, then those that the configuration names. */
export function listTokens({ gateway }: Config, stateDir: string): NamedToken[] {
  const own: NamedToken = { name: OWN_TOKEN, value: gateway.token ?? readOrMakeToken(stateDir), scope: "admin" };
  return [own, ...Object.entries(gateway.tokens).map(([name, { token, scope }]) => ({ name, value: token, scope }))];
}

/** Makes a rotated token durable. Those that openclaw.yml gives can only be changed there: `conflict`. */
export function keepOwnToken({ gateway }: Config, stateDir: string, name: string, value: string): void {
  if (name !== OWN_TOKEN || gateway.token !== undefined) {
    throw new AppError("conflict", `The token ${JSON.stringify(name)} is set in openclaw.yml; change it there`);
  }
  keepToken(stateDir, value);
}
