import type OpenAI from "openai";
import type { ClientOptions } from "openai";
import type { Connection } from "../shared/connection.ts";

/** The SDK over one request's connection; nothing is taken from the environment. */
export function createOpenaiClient(
  Sdk: typeof OpenAI,
  options: Pick<ClientOptions, "apiKey" | "baseURL" | "defaultHeaders">,
  { fetch, maxRetries }: Connection,
): OpenAI {
  return new Sdk({ ...options, organization: null, project: null, fetch, maxRetries, logLevel: "off" });
}
