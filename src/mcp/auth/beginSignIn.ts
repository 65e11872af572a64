import { AppError, isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { Account } from "./account.ts";
import { createAuthProvider, newVisit, type OAuthSettings } from "./authProvider.ts";
import { createServerFetch } from "./serverFetch.ts";
import { openSignInPage } from "./signInPage.ts";

/** What a server said when it refused: where it is described who signs in for it, and what that has to cover. */
export interface Challenge {
  resourceMetadataUrl?: URL | undefined;
  scope?: string | undefined;
}

export interface SignInOptions {
  serverUrl: string;
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

/**
 * Finds out who signs in for a server, registers with them where they do not know us, and says which page to open. A code is
 * taken once, with the verifier that only we have (PKCE).
 */
export async function beginSignIn({ serverUrl, account, settings, challenge, signal }: SignInOptions): Promise<SignIn> {
  const { auth } = await import("@modelcontextprotocol/client");
  const before = await account.read();
  const visit = newVisit("");
  const page = await openSignInPage(before.redirectUrl, () => visit.state, signal);
  visit.redirectUrl = page.redirectUrl;
  // They would not send anybody to an address that they do not know.
  if (before.redirectUrl !== page.redirectUrl)
    await account.change({ client: undefined, redirectUrl: page.redirectUrl });
  const provider = await createAuthProvider(account, settings, visit);
  const shared = {
    serverUrl,
    resourceMetadataUrl: challenge.resourceMetadataUrl,
    fetchFn: createServerFetch(serverUrl),
  };
  try {
    const scope = settings.scope ?? challenge.scope;
    await auth(provider, { ...shared, ...(scope === undefined ? {} : { scope }), forceReauthorization: true });
    if (!visit.url) throw new AppError("unavailable", "It names no page to sign in at");
    if (visit.url.protocol !== "https:" && visit.url.protocol !== "http:")
      throw new AppError("forbidden", `The page to sign in at is no web page: ${visibleLine(visit.url.href)}`);
  } catch (error) {
    page.close();
    if (isAppError(error)) throw error;
    const why = visibleLine(error instanceof Error ? error.message : String(error), 500);
    throw new AppError("unavailable", `Signing in could not begin: ${why}`, { cause: error });
  }
  const finish = async () => {
    try {
      const came = await page.back;
      const [code, fault] = [came.get("code"), came.get("error")];
      if (code === null)
        throw new AppError("forbidden", `It was refused: ${visibleLine(fault ?? "no code came back")}`);
      const iss = came.get("iss");
      await auth(provider, { ...shared, authorizationCode: code, ...(iss === null ? {} : { iss }) });
    } finally {
      page.close();
    }
  };
  return { url: visit.url.href, done: finish() };
}
