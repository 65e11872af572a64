import type { AuthProvider } from "@modelcontextprotocol/client";
import type { Account } from "./account.ts";
import { createAuthProvider, type OAuthSettings, SignInNeeded } from "./authProvider.ts";
import type { Challenge } from "./beginSignIn.ts";

/**
 * The token for a server, refreshed by itself where it may be. Where a person has to sign in it says what for, and fails with
 * `SignInNeeded`: no page is opened by a run.
 */
export function createServerAuth(
  account: Account,
  settings: OAuthSettings,
  onChallenge: (challenge: Challenge) => void,
): AuthProvider {
  return {
    token: async () => (await account.read()).tokens?.access_token,
    async onUnauthorized({ response, serverUrl, fetchFn }) {
      const { auth, extractWWWAuthenticateParams } = await import("@modelcontextprotocol/client");
      const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(response);
      onChallenge({ resourceMetadataUrl, scope });
      if ((await account.read()).tokens?.refresh_token === undefined) throw new SignInNeeded();
      const provider = await createAuthProvider(account, settings);
      try {
        await auth(provider, { serverUrl, resourceMetadataUrl, fetchFn, ...(scope === undefined ? {} : { scope }) });
      } catch (error) {
        if (error instanceof SignInNeeded) throw error;
        throw new SignInNeeded();
      }
    },
  };
}
