import type { AuthProvider } from "@modelcontextprotocol/client";
import { AppError } from "../../base/appError.ts";
import { faultWords } from "../wire/faultWords.ts";
import type { Account } from "./account.ts";
import { createAuthFetch } from "./authFetch.ts";
import { createAuthProvider, NotRenewed, type OAuthSettings, SignInNeeded } from "./authProvider.ts";
import type { Challenge } from "./beginSignIn.ts";
import { tokenOf } from "./serverFetch.ts";
import { defined } from "../../base/defined.ts";

export interface ServerAuthOptions {
  account: Account;
  settings: OAuthSettings;
  /** That the user set up for the server. */
  headers: Record<string, string>;
  /** This is sent with the next request. */
  onToken(token: string | undefined): void;
  /** It refused a request. */
  onChallenge(challenge: Challenge): void;
}

/**
 * The token for a server, renewed by itself where it may be, once for all who want it. Where a person has to sign in it says
 * what for, and fails with `SignInNeeded`: no page is opened by a run. `unavailable` where it could only not be renewed now.
 */
export function createServerAuth(options: ServerAuthOptions): AuthProvider {
  const { account } = options;
  return {
    async token() {
      const token = (await account.read()).tokens?.access_token;
      options.onToken(token);
      return token;
    },
    async onUnauthorized({ response, serverUrl }) {
      const { extractWWWAuthenticateParams } = await import("@modelcontextprotocol/client");
      const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
      const refused = tokenOf(response);
      options.onChallenge({ resourceMetadataUrl, scope });
      // A refresh token is good for one use: who is second takes what the first has got.
      await account.alone(async () => {
        const { tokens } = await account.read();
        if (tokens && refused !== undefined && tokens.access_token !== refused) return;
        if (tokens?.refresh_token === undefined) throw new SignInNeeded();
        await renew(options, serverUrl, { resourceMetadataUrl, scope });
      });
    },
  };
}

async function renew(
  { account, settings, headers }: ServerAuthOptions,
  serverUrl: URL,
  { resourceMetadataUrl, scope }: Challenge,
): Promise<void> {
  const { auth } = await import("@modelcontextprotocol/client");
  const provider = await createAuthProvider(account, settings);
  const fetchOf = createAuthFetch(serverUrl.href, headers);
  // The SDK takes a place that is down for one that wants a person.
  let outage: string | undefined;
  const fetchFn = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const { origin } = new URL(url);
    try {
      const response = await fetchOf(url, init);
      if (response.status >= 500 || response.status === 429)
        outage = `${origin} answers with status ${response.status}`;
      return response;
    } catch (error) {
      outage = error instanceof AppError ? error.message : `${origin} was not reached: ${faultWords(error)}`;
      throw error;
    }
  };
  try {
    await auth(provider, { serverUrl, resourceMetadataUrl, fetchFn, ...defined({ scope }) });
  } catch {
    const isKept = (await account.read()).tokens?.refresh_token !== undefined;
    if (!isKept || outage === undefined) throw new SignInNeeded();
    throw new NotRenewed(outage);
  }
}
