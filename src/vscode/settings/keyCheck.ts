import type { ServerEntry } from "../../config/write/setModel.ts";
import type { Texts } from "../../base/text/texts.ts";
import { brave } from "../../tools/web/backends/braveSearch.ts";
import { tavily } from "../../tools/web/backends/tavilySearch.ts";
import { toReason } from "./modelServers.ts";

/** A model provider, or a search engine, whose key is kept by the editor. */
export interface KeyProvider {
  id: string;
  title: string;
  /** What it offers, for people; absent where it has the models of many makers. */
  models?: string;
  /** Where a key is made. */
  keysUrl: string;
  address: string;
  /** Refused without a good key; it lists the models there, or what costs least. */
  path: string;
  headers(key: string): Record<string, string>;
  /** What openclaw.yml must say of it, where it is none of those that are built in. */
  server?: ServerEntry;
  /** It is one of the engines of `web_search`. */
  search?: true;
  /** A status that says, here, that the key is no good. */
  refusal?: number;
}

export const keyProviders: KeyProvider[] = [
  {
    id: "anthropic",
    title: "Anthropic",
    models: "Claude",
    keysUrl: "console.anthropic.com",
    address: "https://api.anthropic.com",
    path: "/v1/models?limit=1",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  },
  {
    id: "openai",
    title: "OpenAI",
    models: "GPT",
    keysUrl: "platform.openai.com",
    address: "https://api.openai.com/v1",
    path: "/models",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
  },
  {
    id: "google",
    title: "Google",
    models: "Gemini",
    keysUrl: "aistudio.google.com",
    address: "https://generativelanguage.googleapis.com",
    path: "/v1beta/models?pageSize=1",
    headers: (key) => ({ "x-goog-api-key": key }),
  },
  {
    id: "openrouter",
    title: "OpenRouter",
    keysUrl: "openrouter.ai/settings/keys",
    address: "https://openrouter.ai/api/v1",
    // Its list of models is open to all.
    path: "/key",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    server: { api: "openai-chat", baseUrl: "https://openrouter.ai/api/v1" },
  },
];

export const searchKeys: KeyProvider[] = [
  {
    ...{ id: brave.id, title: brave.title, address: brave.home! },
    keysUrl: "api-dashboard.search.brave.com",
    // It has nothing to ask for that is free.
    path: "/res/v1/web/search?q=openclaw&count=1",
    headers: (key) => ({ accept: "application/json", "x-subscription-token": key }),
    search: true,
    refusal: 422,
  },
  {
    ...{ id: tavily.id, title: tavily.title, address: tavily.home! },
    keysUrl: "app.tavily.com",
    path: "/usage",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    search: true,
  },
];

/** All whose keys are kept. */
export const keyHolders = [...keyProviders, ...searchKeys];

/** "Claude" */
export function offerOf({ models, search }: KeyProvider, { t }: Texts): string {
  return models ?? (search ? t("web search") : t("many makers' models"));
}

/** refused: the provider itself said no. Otherwise the key may well be good, and something else is in the way. */
export type KeyCheck = { ok: true } | { ok: false; refused: boolean; message: string };

const LIMIT_MS = 20_000;

/** Makes one call with the key, which `signal` ends. `address` is the provider's own unless the configuration names another. */
export async function checkKey(
  texts: Texts,
  provider: KeyProvider,
  key: string,
  address = provider.address,
  signal?: AbortSignal,
): Promise<KeyCheck> {
  let response: Response;
  try {
    response = await fetch(address.replace(/\/$/, "") + provider.path, {
      headers: provider.headers(key),
      signal: AbortSignal.any([AbortSignal.timeout(LIMIT_MS), ...(signal ? [signal] : [])]),
      // A key goes where it was meant to go, and nowhere else.
      redirect: "error",
    });
  } catch (error) {
    return { ok: false, refused: false, message: toReason(error, LIMIT_MS, texts) };
  }
  const { status } = response;
  // A key may be good for models and not for their list: OpenAI says so, and what else forbids may be a proxy.
  const mayBeGood = status === 403 || (status === 401 && /missing scopes/i.test(await beginningOf(response)));
  // One that was cut meanwhile has failed by itself.
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return { ok: true };
  // Google answers 400 to a malformed key.
  const refused = !mayBeGood && [400, 401, provider.refusal].includes(status);
  return { ok: false, refused, message: `HTTP ${status}` };
}

/** The first piece of an answer, which is as much as an error says. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  try {
    const first = await reader?.read();
    return new TextDecoder().decode(first?.value);
  } catch {
    return "";
  } finally {
    reader?.releaseLock();
  }
}
