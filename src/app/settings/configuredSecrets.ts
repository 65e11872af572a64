import type { Config } from "../../config/configSchema.ts";

const SECRET_NAME = /key|token|secret|passw|auth|credential|cookie/i;

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
    ...Object.values(telemetry.otlp?.headers ?? {}),
    ...browser.credentials.map(({ password }) => password),
    ...servers.flatMap(({ headers, oauth }) => [...Object.values(headers), oauth?.clientSecret]),
    ...programs.flatMap(({ env }) => Object.entries(env).flatMap(([name, it]) => (SECRET_NAME.test(name) ? [it] : []))),
  ];
}
