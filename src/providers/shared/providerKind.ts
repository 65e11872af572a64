import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Provider } from "../../core/ports/provider.ts";
import type { ModelInfo } from "../../protocol/model.ts";

/** One model API, before it has a key and an address. One file each, listed in index.ts. */
export interface ProviderKind {
  /** Value of `providers.X.api` in openclaw.yml. */
  api: string;
  /** Provider id when the configuration names none; undefined when one must be configured. */
  defaultId?: string;
  /** For people, as in "Anthropic". */
  title: string;
  /** Environment variables that may hold its key, best first; none when it needs no key. */
  envKeys: string[];
  /** Whether a bare model name is surely of this API, as "claude-..." is. */
  matches(bareModelName: string): boolean;
  models: KnownModel[];
  create(options: ProviderOptions): Provider;
}

/** What is documented of a model. `name` has no provider in front. */
export type KnownModel = Omit<ModelInfo, "id" | "provider" | "ready" | "reason" | "price">;

export interface ProviderOptions {
  /** Provider id, as in "anthropic" or "local". */
  id: string;
  /** Asked before every request, so that a new key works at once. */
  apiKey?: () => Promise<string | undefined>;
  /** Which other editor has a key for it, for people: told where there is none here. */
  keyElsewhere?: (() => Promise<string | undefined>) | undefined;
  /** A workspace's file gives the address, so that no key of the user's goes there. */
  isForeign?: boolean | undefined;
  baseUrl?: string;
  /** Names to offer in place of the known ones. */
  models?: string[];
  log: Log;
  fetch?: typeof fetch;
  /** Default: the system's. */
  clock?: Clock;
  timing?: ProviderTiming;
}

export interface ProviderTiming {
  /** Longest silence of the server, before the headers and between two bytes. Default 120,000. */
  silenceMs?: number;
  /** How long the end of an answer is waited for that is whole already. Default 5,000. */
  graceMs?: number;
  /** Default 2. */
  maxRetries?: number;
  /** Pause between two pieces of the demo's stream. Default 12. */
  paceMs?: number;
}

/** Types a provider literal. */
export function defineProviderKind(kind: ProviderKind): ProviderKind {
  return kind;
}
