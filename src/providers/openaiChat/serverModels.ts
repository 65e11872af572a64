import { systemClock } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { ProviderOptions } from "../shared/providerKind.ts";
import { toCount } from "../shared/toldUsage.ts";

// Whoever lists hundreds of models takes a while to say them all.
const LONGEST_WAIT_MS = 3_000;
const LONGEST_READ_MS = 10_000;

/** What servers tell of a model: OpenRouter says context_length, vLLM and LM Studio max_model_len, llama.cpp meta.n_ctx. */
interface Listed {
  id: string;
  context_length?: unknown;
  max_model_len?: unknown;
  meta?: { n_ctx?: unknown } | null;
  /** OpenRouter. */
  architecture?: { input_modalities?: string[] };
}

/**
 * Lists the configured names, or what the server has at /models. Of a server that is away, or does not tell, these are the
 * configured names, or those that it had before, not ready.
 */
export function createServerModels(
  options: ProviderOptions,
  baseUrl: string,
): (signal?: AbortSignal) => Promise<ModelInfo[]> {
  let known: Listed[] = [];
  return async (signal) => {
    const answer = await askServer(options, baseUrl, signal);
    if (Array.isArray(answer)) known = answer;
    const state = Array.isArray(answer) ? { ready: true } : withoutList(answer.status, options.id, baseUrl);
    const names = options.models ?? known.map((model) => model.id);
    return names.map((name) => toInfo(options.id, name, known, state));
  };
}

type State = Pick<ModelInfo, "ready" | "reason">;

function toInfo(provider: string, name: string, known: Listed[], state: State): ModelInfo {
  const found = known.find((model) => model.id === name);
  const windowTokens = toCount(found?.context_length ?? found?.max_model_len ?? found?.meta?.n_ctx);
  const modalities = found?.architecture?.input_modalities;
  return {
    id: `${provider}/${name}`,
    provider,
    name,
    ...defined({ windowTokens: windowTokens || undefined }),
    ...(Array.isArray(modalities) ? { images: modalities.includes("image") } : {}),
    ...state,
  };
}

function withoutList(status: number | undefined, provider: string, baseUrl: string): State {
  // A server without such a list may well answer; so may what is no server of models at all.
  if (status === 404 || status === 405)
    return { ready: true, reason: `${address(baseUrl)} answered ${status}: whether it has this model is not known.` };
  return { ready: false, reason: toReason(status, provider, baseUrl) };
}

function toReason(status: number | undefined, provider: string, baseUrl: string): string {
  if (status === undefined) return `Nothing answers at ${baseUrl}. Start the server of provider "${provider}".`;
  const why = status === 401 || status === 403 ? `: it refuses the key of provider "${provider}"` : "";
  return `${address(baseUrl)} answered ${status}${why}.`;
}

/** What the server lists, or how it answered otherwise; no status where it did not. */
async function askServer(
  options: ProviderOptions,
  baseUrl: string,
  signal?: AbortSignal,
): Promise<Listed[] | { status?: number }> {
  const { apiKey, fetch = globalThis.fetch, clock = systemClock } = options;
  const late = new AbortController();
  const timer = clock.at(clock.now() + LONGEST_WAIT_MS, () => late.abort());
  let status: number | undefined;
  try {
    const key = await apiKey?.();
    const limits = [late.signal, AbortSignal.timeout(LONGEST_READ_MS)];
    const response = await fetch(address(baseUrl), {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.any(signal ? [...limits, signal] : limits),
    });
    timer.dispose();
    status = response.status;
    const { data } = (await response.json()) as { data?: unknown };
    return response.ok && Array.isArray(data) ? data.filter(isListed) : { status };
  } catch {
    return defined({ status });
  } finally {
    timer.dispose();
  }
}

function isListed(one: unknown): one is Listed {
  return typeof (one as Partial<Listed> | null)?.id === "string";
}

function address(baseUrl: string): string {
  return `${baseUrl.replace(/\/$/, "")}/models`;
}
