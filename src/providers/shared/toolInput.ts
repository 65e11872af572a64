/** Arguments a model wrote: an object, or `{}` with the raw text when they are no JSON object. */
export function parseInput(json: string): { input: Record<string, unknown>; invalid?: string } {
  if (json.trim() === "") return { input: {} };
  try {
    const input: unknown = JSON.parse(json);
    if (typeof input === "object" && input !== null && !Array.isArray(input))
      return { input: input as Record<string, unknown> };
  } catch {
    // Told to the caller below: the model reads that its arguments were broken.
  }
  return { input: {}, invalid: json };
}
