import type OpenAI from "openai";
import { once } from "../../base/oncePer.ts";
import { shareClient } from "../shared/sdkClient.ts";

// Kept, because asking for a module that is there already still costs each request.
const loadSdk = once(() => import("openai"));

/** The SDK's client for each key, or for none; nothing is taken from the environment. */
export function openaiClients(baseURL: string): (apiKey: string | undefined) => Promise<OpenAI> {
  return shareClient(async (apiKey: string | undefined, fetch) => {
    const { default: Sdk } = await loadSdk();
    const key = apiKey ? { apiKey } : { apiKey: "none", defaultHeaders: { authorization: null } };
    return new Sdk({ ...key, baseURL, organization: null, project: null, fetch, logLevel: "off" });
  });
}
