import type { Texts } from "../../base/text/texts.ts";

/** A server of models that speaks chat completions. */
export interface ModelServer {
  /** The name under `providers`. */
  id: string;
  title: string;
  baseUrl: string;
  models: string[];
}

/** Where servers listen that people run on their own machine, by the makers' defaults. */
const USUAL: Omit<ModelServer, "models">[] = [
  { id: "ollama", title: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  { id: "lmstudio", title: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
  { id: "jan", title: "Jan", baseUrl: "http://127.0.0.1:1337/v1" },
  { id: "vllm", title: "vLLM", baseUrl: "http://127.0.0.1:8000/v1" },
];

const LOCAL_MS = 1_500;
const FAR_MS = 20_000;

/** refused: it wants a key, or another one. */
export type ServerAnswer = { models: string[] } | { refused: boolean; message: string };

/** The servers that run on this machine and have models. */
export async function findLocalServers(texts: Texts, usual = USUAL, limitMs = LOCAL_MS): Promise<ModelServer[]> {
  const found = await Promise.all(
    usual.map(async (server): Promise<ModelServer[]> => {
      const answer = await askServer(texts, server.baseUrl, undefined, { limitMs });
      return "models" in answer && answer.models.length > 0 ? [{ ...server, models: answer.models }] : [];
    }),
  );
  return found.flat();
}

/** The models of a server, by one call, which `signal` ends; a server may want a key for it. */
export async function askServer(
  texts: Texts,
  baseUrl: string,
  key?: string,
  { limitMs = FAR_MS, signal }: { limitMs?: number; signal?: AbortSignal } = {},
): Promise<ServerAnswer> {
  try {
    const response = await fetch(`${baseUrl.replace(/\/+$/, "")}/models`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]),
      // A key goes where it was meant to go, and nowhere else.
      redirect: "error",
    });
    if (!response.ok) {
      await response.body?.cancel();
      return { refused: [401, 403].includes(response.status), message: `HTTP ${response.status}` };
    }
    const models = toNames(await response.json());
    return models ? { models } : { refused: false, message: texts.t("it answers, but not with a list of models") };
  } catch (error) {
    return { refused: false, message: toReason(error, limitMs, texts) };
  }
}

function toNames(body: unknown): string[] | undefined {
  const data = (body as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return undefined;
  return data.flatMap((model: unknown) => {
    const id = (model as { id?: unknown } | null)?.id;
    return typeof id === "string" && id !== "" ? [id] : [];
  });
}

/** Why there was no answer, in a few words. */
export function toReason(error: unknown, limitMs: number, { t }: Texts): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return t("no answer within {0} s", limitMs / 1000);
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}

/** The address as it is written in openclaw.yml, or what is wrong with what was typed. */
export function readServerAddress(typed: string): { baseUrl: string } | { problem: "address" | "password" | "models" } {
  const text = typed.trim();
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (text === "" || /\s/.test(text) || !URL.canParse(whole)) return { problem: "address" };
  const url = new URL(whole);
  if (!["http:", "https:"].includes(url.protocol)) return { problem: "address" };
  if (url.username || url.password) return { problem: "password" };
  if (url.search || url.hash) return { problem: "address" };
  const path = url.pathname.replace(/\/+$/, "");
  // What people copy is often the whole address of a call.
  if (/\/(?:chat\/completions|completions|models|responses)$/.test(path)) return { problem: "models" };
  return { baseUrl: `${url.origin}${path === "" ? "/v1" : path}` };
}

/** A name under `providers` for a server, which none of `taken` has. */
export function toServerId(baseUrl: string, taken: ReadonlySet<string>): string {
  const { hostname } = new URL(baseUrl);
  const words = hostname.replace(/^(?:api|www)\./, "").split(".");
  const plain = /^[\d.]+$|^\[/.test(hostname) || words.length === 1 ? "server" : words.at(-2)!;
  const name = plain.replaceAll(/[^a-z0-9-]/g, "") || "server";
  for (let count = 1; ; count++) {
    const id = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(id)) return id;
  }
}
