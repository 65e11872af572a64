import { AppError } from "../../../base/appError.ts";

/** `bad_request` for what a client asks of a model that an agent with tools of its own cannot do. */
export function refuseUnsupported(body: Record<string, unknown>): void {
  for (const path of ["tools", "functions"]) {
    const given = body[path];
    if (Array.isArray(given) && given.length > 0)
      refuse(path, `\`${path}\` are not taken: Pincer's agent works with its own tools. Leave \`${path}\` out.`);
  }
  if (body["n"] !== undefined && body["n"] !== null && body["n"] !== 1)
    refuse("n", "`n` must be 1: a run has one answer.");
  const format = formatOf(body["response_format"]) ?? formatOf((body["text"] as { format?: unknown } | null)?.format);
  if (format !== undefined && format !== "text")
    refuse("response_format", `The answer is text: a format of ${JSON.stringify(format)} cannot be promised.`);
  const { modalities } = body;
  if (Array.isArray(modalities) && modalities.some((item) => item !== "text"))
    refuse("modalities", "The answer is text: leave `modalities` out.");
  if (body["background"] === true) refuse("background", "`background` is not offered; stream, or wait for the answer.");
  if (body["conversation"] !== undefined && body["conversation"] !== null)
    refuse("conversation", "`conversation` is not offered; use `previous_response_id`, `user`, or `pincer/SESSION`.");
}

function formatOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
}

function refuse(path: string, message: string): never {
  throw new AppError("bad_request", message, { details: [{ path, message }] });
}
