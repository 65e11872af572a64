import type { OAuthDiscoveryState } from "@modelcontextprotocol/client";
import { AppError, isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { faultWords } from "../wire/faultWords.ts";
import type { Account } from "./account.ts";
import { createAuthFetch } from "./authFetch.ts";
import { createAuthProvider, newVisit, type OAuthSettings } from "./authProvider.ts";
import { createPlaceCheck } from "./serverFetch.ts";
import { openSignInPage } from "./signInPage.ts";
import { defined } from "../../base/defined.ts";

/** What a server said when it refused: where it is described who signs in for it, and what that has to cover. */
export interface Challenge {
  resourceMetadataUrl?: URL | undefined;
  scope?: string | undefined;
}

export interface SignInOptions {
  serverUrl: string;
  /** That the user set up for the server. */
  headers: Record<string, string>;
  account: Account;
  settings: OAuthSettings;
  challenge: Challenge;
  signal: AbortSignal;
}

/** A way to sign in that has begun: a person opens `url`, and `done` resolves when they have come back and the tokens are kept. */
export interface SignIn {
  url: string;
  done: Promise<void>;
}

const BY_HAND =
  "register one there by hand, sent back to http://127.0.0.1/mcp/callback, and set its `oauth.clientId` in openclaw.yml";

/**
 * Finds out who signs in for a server, registers with them where they do not know us, and says which page to open. A code is
 * taken once, with the verifier that only we have (PKCE).
 */
export async function beginSignIn(options: SignInOptions): Promise<SignIn> {
  const { serverUrl, headers, account, settings, challenge, signal } = options;
  const { auth } = await import("@modelcontextprotocol/client");
  const before = await account.read();
  const visit = newVisit("", signal);
  const page = await openSignInPage(before.redirectUrl, () => visit.state, signal);
  visit.redirectUrl = page.redirectUrl;
  // They would not send anybody to an address that they do not know. And who has never come back by what we registered may
  // have met a page that knows nothing of it any more.
  const isKnown = before.redirectUrl === page.redirectUrl && before.tokens !== undefined && !before.isAwaited;
  const client = isKnown ? before.client : undefined;
  await account.change({ client, redirectUrl: page.redirectUrl, isAwaited: true });
  const fetchFn = createAuthFetch(serverUrl, headers);
  try {
    visit.found = await whoSignsIn(serverUrl, challenge, fetchFn);
    const { authorizationServerMetadata: known, authorizationServerUrl: place } = visit.found;
    if (known && known.registration_endpoint === undefined && settings.clientId === undefined)
      throw new AppError("bad_request", `${place} registers no program by itself: ${BY_HAND}`);
    const provider = await createAuthProvider(account, settings, visit);
    const scope = settings.scope ?? challenge.scope;
    const asked = { serverUrl, fetchFn, ...defined({ scope }), forceReauthorization: true };
    await auth(provider, asked);
    if (!visit.url) throw new AppError("unavailable", "It names no page to sign in at");
    if (visit.url.protocol !== "https:" && visit.url.protocol !== "http:")
      throw new AppError("forbidden", `The page to sign in at is no web page: ${visibleLine(visit.url.href)}`);
    await createPlaceCheck(serverUrl)(visit.url);
  } catch (error) {
    page.close();
    throw asAppError("Signing in could not begin", error);
  }
  const finish = async () => {
    try {
      const came = await page.back;
      const code = came.get("code");
      if (code === null) throw new AppError("forbidden", `It was refused: ${refusalWords(came)}`);
      const iss = came.get("iss");
      const provider = await createAuthProvider(account, settings, visit);
      await auth(provider, { serverUrl, fetchFn, authorizationCode: code, ...(iss === null ? {} : { iss }) });
      page.close({ isIn: true });
    } catch (error) {
      page.close({ isIn: false });
      throw asAppError("Signing in failed", error);
    }
  };
  return { url: visit.url.href, done: finish() };
}

/** As the SDK finds it out; how we register depends on it. */
async function whoSignsIn(
  serverUrl: string,
  { resourceMetadataUrl }: Challenge,
  fetchFn: ReturnType<typeof createAuthFetch>,
): Promise<OAuthDiscoveryState> {
  const { discoverOAuthServerInfo } = await import("@modelcontextprotocol/client");
  const found = await discoverOAuthServerInfo(serverUrl, {
    fetchFn,
    ...defined({ resourceMetadataUrl }),
  });
  return { ...found, ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: resourceMetadataUrl.href }) };
}

/** "access_denied (The owner said no)" */
function refusalWords(came: URLSearchParams): string {
  const [fault, why] = [came.get("error"), came.get("error_description")];
  if (fault === null) return "no code came back";
  return visibleLine(why === null ? fault : `${fault} (${why})`, 300);
}

function asAppError(what: string, error: unknown): AppError {
  if (isAppError(error)) return error;
  return new AppError("unavailable", `${what}: ${faultWords(error)}`, { cause: error });
}
