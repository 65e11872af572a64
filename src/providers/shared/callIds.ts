import { createHash } from "node:crypto";

/** Call ids as an API takes them. */
export interface IdRule {
  pattern: RegExp;
  /** Made from any other id, always the same. */
  make(id: string): string;
}

export const ANTHROPIC_IDS: IdRule = { pattern: /^[a-zA-Z0-9_-]{1,256}$/, make: (id) => `call_${letters(id, 24)}` };
export const OPENAI_IDS: IdRule = { pattern: /^[^]{1,64}$/, make: (id) => `call_${letters(id, 24)}` };
/** Mistral takes nine letters and digits; other servers take them too. */
export const NINE_LETTERS: IdRule = { pattern: /^[a-zA-Z0-9]{9}$/, make: (id) => letters(id, 9) };

export function toCallId(id: string, { pattern, make }: IdRule): string {
  return pattern.test(id) ? id : make(id);
}

/** Tool names as every API takes them; a model may have made up another. */
export function toCallName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64) || "unnamed";
}

function letters(id: string, count: number): string {
  const digest = createHash("sha256").update(id).digest();
  return [...digest.subarray(0, count)].map((byte) => (byte % 36).toString(36)).join("");
}
