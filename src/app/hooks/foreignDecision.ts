/**
 * What reads like a decision against a call, in words that are none here, as JSON: `"deny": true`. Undefined where nothing
 * does. Looks at an object's members and at theirs, and passes over `known`, which whoever asks has read.
 */
export function foreignDecision(said: object, known: ReadonlySet<string>): string | undefined {
  const top = Object.entries(said).filter(([key]) => !known.has(key));
  const beneath = Object.values(said).flatMap((value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [],
  );
  const found = [...top, ...beneath].find(([key, value]) => isAgainst(key, value));
  return found && `${JSON.stringify(found[0])}: ${JSON.stringify(found[1])}`;
}

const YES = /^(?:allow(?:ed)?|approved?|permit(?:ted)?|accept(?:ed)?|ok|success|continue)$/i;
const NO = /^(?:den(?:y|ied)|block(?:ed)?|reject(?:ed)?|forbid(?:den)?|refused?)$/i;
const DECISION = /^(?:permission_?)?decision$|^(?:permission|verdict)$/i;
const WORDS = /reason|message/i;
const NOTHING: readonly unknown[] = [false, 0, null, "", "false", "no"];

function isAgainst(key: string, value: unknown): boolean {
  if (WORDS.test(key)) return false;
  if (typeof value === "string" && NO.test(value)) return true;
  if (NO.test(key)) return !NOTHING.includes(value);
  if (YES.test(key)) return NOTHING.includes(value);
  return DECISION.test(key) && !(typeof value === "string" && YES.test(value));
}
