import { defined } from "../../base/defined.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { ProviderOptions } from "../shared/providerKind.ts";

const LONGEST_WAIT_MS = 3_000;

/** What servers tell of a model: OpenRouter says context_length, vLLM and LM Studio max_model_len, llama.cpp meta.n_ctx. */
interface Listed {
  id: string;
  context_length?: number;
  max_model_len?: number;
  meta?: { n_ctx?: number };
  /** OpenRouter. */
  architecture?: { input_modalities?: string[] };
}

/** The configured names, or what the server lists at /models. A server that is away leaves the configured names, not ready. */
export async function listServerModels(
  options: ProviderOptions,
  baseUrl: string,
  signal?: AbortSignal,
): Promise<ModelInfo[]> {
  const listed = await askServer(options, baseUrl, signal).catch(() => undefined);
  const names = options.models ?? listed?.map((model) => model.id) ?? [];
  return names.map((name) => {
    const found = listed?.find((model) => model.id === name);
    const windowTokens = found?.context_length ?? found?.max_model_len ?? found?.meta?.n_ctx;
    const modalities = found?.architecture?.input_modalities;
    return {
      id: `${options.id}/${name}`,
      provider: options.id,
      name,
      ...defined({ windowTokens: windowTokens || undefined }),
      ...(Array.isArray(modalities) ? { images: modalities.includes("image") } : {}),
      ...(listed
        ? { ready: true }
        : { ready: false, reason: `Nothing answers at ${baseUrl}. Start the server of provider "${options.id}".` }),
    };
  });
}

async function askServer(options: ProviderOptions, baseUrl: string, signal?: AbortSignal): Promise<Listed[]> {
  const key = await options.apiKey?.();
  const limit = AbortSignal.timeout(LONGEST_WAIT_MS);
  const response = await (options.fetch ?? globalThis.fetch)(`${baseUrl.replace(/\/$/, "")}/models`, {
    headers: key ? { authorization: `Bearer ${key}` } : {},
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  const body = (await response.json()) as { data?: unknown };
  if (!response.ok || !Array.isArray(body.data)) throw new Error(`${baseUrl}/models answered ${response.status}`);
  return body.data as Listed[];
}
