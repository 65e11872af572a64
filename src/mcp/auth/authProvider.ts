import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/client";
import { randomBytes } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import type { Account } from "./account.ts";
import { defined } from "../../base/defined.ts";

/** How a server is signed in at, where its owner registered a client by hand. */
export interface OAuthSettings {
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  scope?: string | undefined;
}

/** One person's way through the browser. */
export interface Visit {
  redirectUrl: string;
  state: string;
  verifier?: string | undefined;
  /** Where the code is to be taken, as it was found out before. */
  found?: OAuthDiscoveryState | undefined;
  /** What to open. */
  url?: URL | undefined;
  /** It was given up: nothing that comes of it is kept. */
  signal: AbortSignal;
}

export function newVisit(redirectUrl: string, signal: AbortSignal): Visit {
  return { redirectUrl, state: randomBytes(16).toString("base64url"), signal };
}

/** Says that only a person can go on: they have to sign in. */
export class SignInNeeded extends AppError {
  constructor() {
    super("forbidden", "You have to sign in there");
  }
}

/** Says that the token could not be renewed for now: what it was wanted for was refused, and is not done. */
export class NotRenewed extends AppError {
  constructor(why: string) {
    super("unavailable", `Its token could not be renewed now: ${why}`);
  }
}

/** What the SDK keeps its OAuth state in. Without a visit nobody is there to look at a page, and nothing is registered. */
export async function createAuthProvider(
  account: Account,
  settings: OAuthSettings,
  visit?: Visit,
): Promise<OAuthClientProvider> {
  const redirectUrl = visit?.redirectUrl ?? (await account.read()).redirectUrl ?? "http://127.0.0.1/callback";
  const { clientId, clientSecret } = settings;
  const method = tokenMethod(visit?.found?.authorizationServerMetadata?.token_endpoint_auth_methods_supported);
  return {
    redirectUrl,
    clientMetadata: {
      client_name: "Pincer",
      redirect_uris: [redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      application_type: "native",
      ...defined({ token_endpoint_auth_method: method }),
      ...defined({ scope: settings.scope }),
    },
    state: () => visit?.state ?? "",
    async clientInformation() {
      if (clientId !== undefined) return { client_id: clientId, ...defined({ client_secret: clientSecret }) };
      const { client } = await account.read();
      // Nobody is there to be sent anywhere, so there is nothing to register for.
      if (client === undefined && !visit) throw new SignInNeeded();
      return client;
    },
    // With nobody there the SDK would register anew wherever it is sent for a moment, and the client that is known there be lost.
    ...(visit && {
      async saveClientInformation(client) {
        if (clientId === undefined) await account.change({ client, redirectUrl });
      },
    }),
    tokens: async () => (await account.read()).tokens,
    async saveTokens(tokens) {
      visit?.signal.throwIfAborted();
      await account.change({ tokens, isAwaited: undefined });
    },
    redirectToAuthorization(url) {
      if (!visit) throw new SignInNeeded();
      visit.url = url;
    },
    saveDiscoveryState(found) {
      if (visit) visit.found = found;
    },
    discoveryState: () => visit?.found,
    saveCodeVerifier(verifier) {
      if (visit) visit.verifier = verifier;
    },
    codeVerifier: () => visit?.verifier ?? "",
    async invalidateCredentials(scope) {
      if (scope === "all" || scope === "client") await account.change({ client: undefined, tokens: undefined });
      if (scope === "tokens") await account.change({ tokens: undefined });
    },
  };
}

/**
 * How we show who we are where tokens are given: as anybody's program, which keeps no secret, wherever that is taken.
 * Undefined where it is not said what is.
 */
function tokenMethod(taken: string[] | undefined): string | undefined {
  return ["none", "client_secret_post", "client_secret_basic"].find((method) => taken?.includes(method));
}

/** Whether a fault, or what caused it, is that a person has to sign in. */
export function wantsSignIn(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (error instanceof SignInNeeded || error.name === "UnauthorizedError" || code === "CLIENT_HTTP_AUTHENTICATION")
    return true;
  return wantsSignIn(error.cause);
}
