import type { CDPSession } from "playwright-core";
import { headOf } from "../../base/cutText.ts";

/** A name and password that the user gives for one origin, where its server asks for them by HTTP (Basic, Digest). */
export interface Credentials {
  /** As in "https://staging.example.org". */
  origin: string;
  /** What the server calls the place, where not all of the origin is meant. */
  realm?: string | undefined;
  username: string;
  password: string;
}

/** A page's server that asked for a name and password, and got none that it took. */
export interface SignIn {
  origin: string;
  realm?: string;
}

/**
 * Answers servers that ask for a name and password with what the user gave for that origin, for a document or for what a
 * page of that same origin asks for. Who refuses it is not told again. Resolves with what sets the credentials that hold.
 */
export function answerSignIns(
  devtools: CDPSession,
  pageUrl: () => string,
): (credentials: Credentials[]) => Promise<void> {
  let known: Credentials[] = [];
  const told = new Set<string>();

  devtools.on("Fetch.requestPaused", ({ requestId }) => {
    void devtools.send("Fetch.continueRequest", { requestId }).catch(() => {});
  });
  devtools.on("Fetch.authRequired", ({ requestId, resourceType, authChallenge: asked }) => {
    const isOfPage = resourceType === "Document" || toOrigin(pageUrl()) === toOrigin(asked.origin);
    // A proxy on the way is no server of the page's.
    const isTold = asked.source !== "Proxy" && isOfPage && !told.has(requestId);
    const found = isTold ? credentialsFor(known, asked) : undefined;
    if (found) told.add(requestId);
    const authChallengeResponse = found
      ? { response: "ProvideCredentials" as const, username: found.username, password: found.password }
      : { response: "CancelAuth" as const };
    void devtools.send("Fetch.continueWithAuth", { requestId, authChallengeResponse }).catch(() => {});
  });

  return async (credentials) => {
    if (JSON.stringify(credentials) === JSON.stringify(known)) return;
    known = credentials;
    const patterns = known.map(({ origin }) => ({ urlPattern: `${toOrigin(origin)}/*` }));
    if (patterns.length === 0) await devtools.send("Fetch.disable");
    else await devtools.send("Fetch.enable", { handleAuthRequests: true, patterns });
  };
}

/** What a server asks for in an answer of status 401, if it names a scheme that there is something to be told in. */
export function toSignIn(url: string, challenge: string | undefined): SignIn | undefined {
  if (challenge === undefined || !/\b(basic|digest|ntlm|negotiate)\b/i.test(challenge)) return undefined;
  const realm = /\brealm="?([^",]*)/i.exec(challenge)?.[1];
  return { origin: toOrigin(url), ...(realm ? { realm: headOf(realm, 100) } : {}) };
}

/** Says what a server wants to be told, and who can give it. */
export function signInWords(asked: SignIn, credentials: Credentials[]): string {
  const place = asked.realm === undefined ? "" : ` (realm ${JSON.stringify(asked.realm)})`;
  const had = credentialsFor(credentials, asked)
    ? "did not take those of browser.credentials"
    : "there are none for it in browser.credentials of the user's openclaw.yml";
  return `${asked.origin} asks for a name and password${place}, and ${had}`;
}

function credentialsFor(known: Credentials[], { origin, realm }: SignIn): Credentials | undefined {
  return known.find((each) => toOrigin(each.origin) === toOrigin(origin) && (each.realm ?? realm) === realm);
}

function toOrigin(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
