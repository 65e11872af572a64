import type { StopReason } from "../../core/ports/provider.ts";
import { AppError } from "../../base/appError.ts";
import { outage } from "../../core/ports/providerFault.ts";
import { nameTable } from "../../base/nameTable.ts";

/** Why vendors say that an answer ended, in lower case. What is not in here is a failure, and is told as such. */
const STOPS = nameTable<StopReason>({
  stop: "done",
  end_turn: "done",
  stop_sequence: "done",
  eos: "done",
  eos_token: "done",
  complete: "done",
  completed: "done",
  finish_reason_unspecified: "done",
  tool_calls: "tool_calls",
  tool_call: "tool_calls",
  tool_use: "tool_calls",
  function_call: "tool_calls",
  length: "length",
  max_tokens: "length",
  max_output_tokens: "length",
  model_length: "length",
  model_context_window_exceeded: "length",
  content_filter: "refused",
  content_filtered: "refused",
  refusal: "refused",
  guardrail_intervened: "refused",
  sensitive: "refused",
  safety: "refused",
  image_safety: "refused",
  image_prohibited_content: "refused",
  recitation: "refused",
  image_recitation: "refused",
  language: "refused",
  blocklist: "refused",
  prohibited_content: "refused",
  spii: "refused",
  malformed_function_call: "broken_call",
  malformed_response: "broken_call",
  unexpected_tool_call: "broken_call",
  too_many_tool_calls: "broken_call",
  missing_thought_signature: "broken_call",
});

/** Ends that are the server's own failure: another model may do better. */
const FAILURES =
  /^(error|network_error|abort|aborted|cancelled|canceled|insufficient_system_resource|server_error|timeout|overloaded|other|unknown)$/;

/** What an end means; throws when it is a failure, or when nobody knows what it means, as of what is no word. */
export function toStop(said: unknown, title: string): StopReason {
  const word = typeof said === "string" ? said.toLowerCase() : "";
  const stop = STOPS[word];
  if (stop) return stop;
  const sentence = `${title} ended its answer with ${JSON.stringify(typeof said === "string" ? said.slice(0, 80) : said)}`;
  throw FAILURES.test(word)
    ? outage(`${sentence}: the answer is not whole`)
    : new AppError("provider_error", `${sentence}, and what that means is not known: the answer may not be whole`);
}
