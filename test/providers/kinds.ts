import { plainFetch } from "../../src/net/plainFetch.ts";
import { anthropic, google, openai, openaiChat } from "../../src/providers/index.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { startGoogleServer } from "../fakes/googleServer.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";

/** Every kind of provider, with a model of it and the server at its far end. */
export const KINDS = [
  { kind: anthropic, model: "claude-sonnet-5-5", start: startAnthropicServer, path: "" },
  { kind: openai, model: "gpt-6-luna", start: startOpenaiServer, path: "/v1" },
  { kind: google, model: "gemini-3.8-flash", start: startGoogleServer, path: "" },
  { kind: openaiChat, model: "qwen3", start: startOpenaiChatServer, path: "/v1" },
];

/** What a server may be asked by: the global fetch in an editor, the plain one in a gateway of its own. */
export const FETCHES = [
  { by: "fetch", fetch: globalThis.fetch },
  { by: "plainFetch", fetch: plainFetch },
];

export const WAYS = KINDS.flatMap((kind) => FETCHES.map((way) => ({ ...kind, ...way })));
