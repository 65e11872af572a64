import { explainStray } from "../base/text/strayCharacter.ts";

/** What is wrong with a gateway token; undefined for a good one. Never repeats the token. */
export function checkToken(token: string): { severity: "error" | "warning"; message: string } | undefined {
  if (token.trim() === "")
    return { severity: "error", message: "The token is blank; remove the line to get a random one" };
  if (isPlaceholder(token)) {
    return {
      severity: "error",
      message: "This token is a placeholder that anybody can guess; remove the line to get a random one",
    };
  }
  // It travels in a header.
  const stray = explainStray(token);
  if (stray !== undefined)
    return { severity: "error", message: `A token may hold only visible ASCII characters: ${stray}` };
  if (token.length < SHORTEST_GOOD) {
    return { severity: "warning", message: `The token has ${token.length} characters; use ${SHORTEST_GOOD} or more` };
  }
  return undefined;
}

/** Whether it is as long as 32 random bytes in base64url: what listening beyond loopback needs. */
export function isStrongToken(token: string): boolean {
  return token.length >= 43 && new Set(token).size >= 12;
}

const SHORTEST_GOOD = 24;
// What GitHub's pages generate has 20 and more.
const SHORTEST_KEY = 16;

/** What is wrong with a webhook's token, or the key that its sender signs with; undefined for a good one. Never repeats it. */
export function checkHookSecret(
  value: string,
  kind: "token" | "secret",
): { severity: "error" | "warning"; message: string } | undefined {
  const fresh = "take 32 random bytes, as `openssl rand -hex 32` makes them";
  if (value.trim() === "") return { severity: "error", message: `The ${kind} is blank; ${fresh}` };
  if (isPlaceholder(value))
    return { severity: "error", message: `This ${kind} is a placeholder that anybody can guess; ${fresh}` };
  if (kind === "token" && !/^[\x21-\x7e]+$/.test(value))
    return { severity: "error", message: "A token may hold only visible ASCII characters, and no spaces" };
  const shortest = kind === "token" ? SHORTEST_GOOD : SHORTEST_KEY;
  if (value.length < shortest)
    return { severity: "warning", message: `The ${kind} has ${value.length} characters; ${fresh}` };
  return undefined;
}

/** Values that guides, templates and empty variables leave behind. */
function isPlaceholder(token: string): boolean {
  const plain = token
    .trim()
    .toLowerCase()
    .replace(/[-_ .]+/g, "-");
  return PLACEHOLDERS.has(plain) || LOOKS.some((look) => look.test(plain));
}

const PLACEHOLDERS = new Set(
  "changeme change-me change-this secret token password null undefined none nil true false example test todo placeholder default dummy"
    .split(" ")
    .concat([
      "my-token",
      "my-secret-token",
      "my-secure-token",
      "secret-token",
      "secure-token",
      "gateway-token",
      "auth-token",
      "123456",
      "12345678",
    ]),
);

const LOOKS = [
  /^your-/,
  /-here$/,
  /^<.*>$/,
  /^(enter|insert|paste|put|replace)-/,
  /^replaceme/,
  /^(.)\1*$/,
  /^\[.*\]$/,
];
