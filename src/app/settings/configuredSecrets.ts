import { isSecretName } from "../../base/text/secretField.ts";
import type { Config } from "../../config/configSchema.ts";
import { concealAddress, concealArguments, concealCommand, withoutScheme } from "../../mcp/servers/serverSecrets.ts";

// Each client sends them, with words that stand in many texts.
const OPEN_HEADERS = new Set(["accept", "accept-language", "content-type", "user-agent"]);

/** What the configuration gives in confidence: keys, tokens and passwords, and what servers and programs are handed. */
export function configuredSecrets(config: Config): (string | undefined)[] {
  const { gateway, providers, channels, webhooks, search, telemetry, browser, mcp, hooks } = config;
  const servers = Object.values(mcp.servers);
  const programs = [...servers, ...Object.values(hooks).flat()];
  return [
    gateway.token,
    ...Object.values(gateway.tokens).map(({ token }) => token),
    ...Object.values(providers).map((provider) => provider?.apiKey),
    ...Object.values(channels).map((network) => network?.token),
    ...Object.values(webhooks).flatMap(({ token, hmac }) => [token, hmac?.secret]),
    search?.apiKey,
    ...Object.values(telemetry.otlp?.headers ?? {}).map(withoutScheme),
    ...browser.credentials.map(({ password }) => password),
    ...servers.flatMap(({ headers, oauth }) => [
      ...valuesOf(headers, isHeaderSecret).map(withoutScheme),
      oauth?.clientSecret,
    ]),
    ...servers.flatMap(({ url }) => (url === undefined ? [] : concealAddress(url).hidden)),
    ...servers.flatMap(({ args }) => concealArguments(args).hidden),
    ...Object.values(hooks)
      .flat()
      .flatMap(({ command }) => (command === undefined ? [] : concealCommand(command).hidden)),
    ...programs.flatMap(({ env }) => valuesOf(env, isSecretName)),
  ];
}

function valuesOf(given: Record<string, string>, isWanted: (name: string) => boolean): string[] {
  return Object.entries(given).flatMap(([name, value]) => (isWanted(name) ? [value] : []));
}

function isHeaderSecret(name: string): boolean {
  return !OPEN_HEADERS.has(name.toLowerCase());
}
