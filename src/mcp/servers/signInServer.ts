import { AppError } from "../../base/appError.ts";
import { faultWords } from "../wire/faultWords.ts";
import { beginSignIn } from "../auth/beginSignIn.ts";
import { connectServer, endServer, needSignIn, type Server } from "./server.ts";

/**
 * Begins to sign in at a server that is reached by HTTP; resolves with the page that a person has to open. When they have come
 * back the server is connected to; what goes wrong stands in its log, and with its state.
 */
export async function signInServer(server: Server): Promise<{ url: string }> {
  const { name, settings, account } = server;
  if (!account) throw new AppError("bad_request", `The MCP server ${name} is a program, and nobody signs in there`);
  // What it wants a person to sign in for is in what it says when it refuses.
  if (!server.needsSignIn) await connectServer(server).catch(() => {});
  if (!server.needsSignIn && server.connection)
    throw new AppError("conflict", `The MCP server ${name} asks nobody to sign in now; sign out first`);
  const { challenge } = server;
  await endServer(server);
  const { signal } = server.closed;
  const begun = await beginSignIn({
    ...{ serverUrl: settings.url!, headers: settings.headers, account, challenge, signal },
    settings: settings.oauth ?? {},
  });
  server.log.note("Somebody was sent to sign in");
  void begun.done.then(
    async () => {
      server.log.note("Signed in");
      server.needsSignIn = false;
      await connectServer(server).catch(() => {});
    },
    (error: unknown) => {
      const why = `Not signed in: ${faultWords(error)}`;
      // Given up for another way in, or with the server.
      if (signal.aborted) server.log.note(why);
      else needSignIn(server, { why });
    },
  );
  return { url: begun.url };
}

/** Forgets who we are there. */
export async function signOutServer(server: Server): Promise<void> {
  await endServer(server);
  // A renewal that is under way would keep what it gets.
  const { account } = server;
  await account?.alone(() => account.forget());
}
