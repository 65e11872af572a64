import { setImmediate } from "node:timers/promises";
import { isSecretField, isSecretPlace, isSecretVariable } from "./text/secretField.ts";

const SECRET_TEXTS = [
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  /\bsk-(?:ant-)?[\w-]{10,}/g,
  /\bAIza[\w-]{20,}/g,
  /\bgh[pousr]_\w{20,}/g,
  /\bxox[abprs]-[\w-]{10,}/g,
];

// Short values would blank out ordinary words.
const SHORTEST = 8;

/** The text without a secret that is known, whatever it looks like. */
export function withoutSecret(text: string, secret: string): string {
  return secret.length < SHORTEST ? text : text.replaceAll(secret, "[redacted]");
}

/** Removes secrets from lines on their way into a log: the known ones by value, others by their usual look. */
export function createRedactor(): {
  add(secret: string | undefined): void;
  text(text: string): string;
  value(value: unknown): unknown;
  /** Whether one that is known stands in these bytes as text, in UTF-8 or UTF-16. Looks for one at a time: there may be 50 MB. */
  isIn(data: Buffer): Promise<boolean>;
} {
  const known = new Set<string>();
  const text = (line: string): string => {
    let clean = line;
    for (const secret of known) clean = withoutSecret(clean, secret);
    for (const look of SECRET_TEXTS) clean = clean.replace(look, "[redacted]");
    return clean;
  };
  const value = (input: unknown): unknown => {
    if (typeof input === "string") return text(input);
    if (Array.isArray(input)) return input.map(value);
    if (typeof input !== "object" || input === null) return input;
    return Object.fromEntries(
      Object.entries(input).map(([key, item]) => [
        key,
        isSecretField(key) && item != null ? "[redacted]" : value(item),
      ]),
    );
  };
  return {
    add(secret) {
      if (secret && secret.length >= SHORTEST) known.add(secret);
    },
    text,
    value,
    async isIn(data) {
      for (const secret of known) {
        if (data.includes(secret) || data.includes(Buffer.from(secret, "utf16le"))) return true;
        await setImmediate();
      }
      return false;
    },
  };
}

/** Words that stand under such names, and in many lines that have nothing to do with them. */
const COMMON = /^(anonymous|changeme|development|disabled|localhost|optional|password|production|required|undefined)$/i;

/** What an environment holds under a name that says it is a secret. */
export function secretsOfEnvironment(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value && isSecretVariable(name) && !isSecretPlace(value) && !COMMON.test(value) ? [value] : [],
  );
}

export type Redactor = ReturnType<typeof createRedactor>;
