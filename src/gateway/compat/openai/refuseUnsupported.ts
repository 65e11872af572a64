import { AppError } from "../../../base/appError.ts";

// What an agent cannot do, and what would change the answer if it were passed over.
const REFUSED: Record<string, string> = {
  functions: "use `tools`",
  function_call: "use `tool_choice`",
  max_tool_calls: "how many steps a run may take is agent.maxSteps in openclaw.yml",
  logit_bias: "there are no tokens to weigh",
  prediction: "the agent writes its own answer",
  audio: "the answer is text",
  prompt: "prompts that are kept elsewhere cannot be read",
  background: "stream, or wait for the answer",
  conversation: "use `previous_response_id`, `user`, or `pincer/SESSION`",
};

// Refused where they would have an effect. All else that a request's shape does not name only colours the words or is not
// known; many clients send some of it always, so it is named in the answer and not refused.
const CHECKED = ["n", "modalities"];

/** `bad_request` that names what a client asks for and an agent with tools of its own cannot do. */
export function refuseUnsupported(body: Record<string, unknown>): void {
  for (const [path, why] of Object.entries(REFUSED))
    if (isGiven(body[path]) && body[path] !== "none")
      refuse(path, `\`${path}\` is not taken: ${why}. Leave \`${path}\` out.`);
  for (const path of ["logprobs", "top_logprobs"])
    if (isGiven(body[path]) && body[path] !== 0) refuse(path, `\`${path}\` is not taken: there are none to tell.`);
  if (isGiven(body["n"]) && body["n"] !== 1) refuse("n", "`n` must be 1: a run has one answer.");
  const { modalities } = body;
  if (Array.isArray(modalities) && modalities.some((item) => item !== "text"))
    refuse("modalities", "The answer is text: leave `modalities` out.");
}

/** For the header `X-Pincer-Ignored`: what was given and is not among the fields that are `taken`, as far as its names fit into a header. */
export function ignoredHeader(body: Record<string, unknown>, taken: string[]): Record<string, string> {
  const known = new Set([...taken, ...CHECKED]);
  const inner = [
    ...innerNames(body["text"], "text", ["format"]),
    ...innerNames(body["stream_options"], "stream_options", ["include_usage"]),
  ].filter((name) => known.has(name.split(".", 1)[0]!));
  const names = [...Object.keys(body).filter((name) => !known.has(name) && isGiven(body[name])), ...inner]
    .filter((name) => /^[\w.]{1,40}$/.test(name))
    .slice(0, 40);
  return names.length > 0 ? { "X-Pincer-Ignored": names.join(", ") } : {};
}

/** What of a field that is taken has no effect, such as text.verbosity. */
function innerNames(value: unknown, name: string, taken: string[]): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    taken.includes(key) || !isGiven(one) ? [] : [`${name}.${key}`],
  );
}

/** Not left out by any of the ways that clients have for it. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (typeof value === "object") return Object.keys(value).length > 0;
  return value !== "";
}

function refuse(path: string, message: string): never {
  throw new AppError("bad_request", message, { details: [{ path, message }] });
}
