import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Vault } from "../../src/core/ports/host.ts";
import { openAccount } from "../../src/mcp/auth/account.ts";
import { createPlaceCheck, createServerFetch } from "../../src/mcp/auth/serverFetch.ts";
import { createAuthFetch } from "../../src/mcp/auth/authFetch.ts";
import type { ServerSettings } from "../../src/mcp/servers/serverSettings.ts";
import { openOAuthServer } from "../fakes/oauthServer.ts";
import { fake, type McpBench, never, openMcpBench } from "./bench.ts";

async function openLocked(more: Partial<ServerSettings> = {}, vault?: Vault) {
  const server = await openOAuthServer();
  const settings = { x: fake({}, { command: undefined, args: [], url: server.url, ...more }) };
  const bench = openMcpBench(settings, vault ? { vault } : {});
  await bench.servers.settled(never);
  return { server, ...bench };
}

type Locked = Awaited<ReturnType<typeof openLocked>>;

/** Resolves once the server is in the state, with what is told of it. */
function becomes({ servers }: McpBench, state: string): Promise<string | null> {
  return new Promise((resolve) => servers.onDidChange((one) => one.state === state && resolve(one.error)));
}

/** The user's browser: resolves with what the page says that they are sent back to. */
async function visit(url: string): Promise<string> {
  const answer = await fetch(url, { redirect: "manual" });
  return await (await fetch(answer.headers.get("location")!)).text();
}

async function signIn(bench: Locked): Promise<void> {
  const ready = becomes(bench, "ready");
  expect(await visit((await bench.servers.signIn("x")).url)).toContain("Pincer is signed in");
  await ready;
}

function openVault(): { kept: Map<string, string>; vault: Vault } {
  const kept = new Map<string, string>();
  const vault: Vault = {
    get: async (name) => kept.get(name),
    set: async (name, value) => void kept.set(name, value),
    delete: async (name) => void kept.delete(name),
  };
  return { kept, vault };
}

const renewals = ({ server }: Locked) => server.asked.filter((one) => one === "token refresh_token").length;

test("a token that many calls want renewed, here and in another process, is renewed once", async () => {
  const bench = await openLocked();
  await signIn(bench);
  const other = bench.again();
  await other.servers.settled(never);
  bench.server.expire();
  const all = [bench, other, bench, other].map(({ call }) => call("mcp__x__whoami"));
  for (const { text } of await Promise.all(all)) expect(text).toContain("you are in");
  expect(renewals(bench)).toBe(1);
});

test.each([
  ["that one is second", false],
  ["that one is first", true],
])(
  "a refresh token is used once though another window's vault shows what it was before, and %s",
  async (_who, isLagging) => {
    const { kept, vault } = openVault();
    const bench = await openLocked({}, vault);
    await signIn(bench);
    const before = new Map(kept);
    // What that window looks at next, and some times more, is from before; what it keeps itself it sees.
    let late = 0;
    const lagging: Vault = {
      ...vault,
      get: async (name) => (late-- > 0 ? before : kept).get(name),
      set: async (name, value) => ((late = 0), await vault.set(name, value)),
    };
    const other = openMcpBench(bench.settings, { stateDir: bench.stateDir, vault: lagging });
    await other.servers.settled(never);
    bench.server.expire();
    const [one, two] = isLagging ? [other, bench] : [bench, other];
    let second: ReturnType<McpBench["call"]> | undefined;
    bench.server.before = async (path) => {
      if (path !== "/token") return;
      late = 4;
      second ??= two.call("mcp__x__whoami");
    };
    const first = await one.call("mcp__x__whoami");
    expect([first.text, (await second!).text]).toEqual([expect.stringContaining("you are in"), first.text]);
    expect(renewals(bench)).toBe(1);
  },
);

test("a place that gives no token for now sends nobody to sign in: the next call asks again", async () => {
  const bench = await openLocked();
  await signIn(bench);
  bench.server.expire();
  bench.server.instead = (path) => (path === "/token" ? { status: 503, value: {} } : undefined);
  await expect(bench.call("mcp__x__whoami")).rejects.toThrow(
    /did not do whoami: Its token could not be renewed now: http:\/\/127\.0\.0\.1:\d+ answers with status 503/,
  );
  expect(bench.servers.list()[0]).toMatchObject({ state: "ready" });
  bench.server.instead = undefined;
  expect((await bench.call("mcp__x__whoami")).text).toContain("you are in");
});

test("nothing of a token's failed answer is printed but why it failed, without what was sent", async () => {
  const printed: string[] = [];
  const warn = vi.spyOn(console, "warn").mockImplementation((...words) => void printed.push(words.join(" ")));
  onTestFinished(() => warn.mockRestore());
  const answers: [number, unknown][] = [
    [502, "<p>access_token=leaked"],
    [200, "access_token=leaked"],
    [400, { access_token: "leaked", hint: "leaked" }],
    [400, { error: "server_error", error_description: "SENT is used up", access_token: "leaked" }],
  ];
  for (const [status, value] of answers) {
    const bench = await openLocked();
    await signIn(bench);
    bench.server.expire();
    bench.server.instead = (path) => (path === "/token" ? { status, value } : undefined);
    await expect(bench.call("mcp__x__whoami")).rejects.toThrow();
  }
  // The SDK still says why, and again where the line on which the server may speak was opened after the token's end.
  expect(new Set(printed).size).toBe(answers.length);
  expect(printed.join("\n")).not.toMatch(/leaked|access_tok/);
  const { server } = await openLocked();
  server.instead = () => ({
    status: 400,
    value: { error: "invalid_grant", error_description: "rt-secret is used up" },
  });
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "rt-secret" });
  expect(await (await createAuthFetch(server.url, {})(server.url, { method: "POST", body })).json()).toEqual({
    error: "invalid_grant",
    error_description: "(secret) is used up",
  });
});

test("who has signed in elsewhere is signed in here", async () => {
  const bench = await openLocked();
  const other = bench.again();
  await other.servers.settled(never);
  expect(other.servers.list()[0]!.state).toBe("sign_in");
  await signIn(bench);
  await other.servers.settled(never);
  expect(other.servers.list()[0]!.state).toBe("ready");
});

test("the page that one comes back to says that one is signed in once that is so, and the state says why not", async () => {
  const bench = await openLocked();
  bench.server.instead = (path) =>
    path === "/token"
      ? { status: 400, value: { error: "invalid_request", error_description: "No such code" } }
      : undefined;
  const refused = becomes(bench, "sign_in");
  expect(await visit((await bench.servers.signIn("x")).url)).toContain("Pincer was not signed in");
  expect(await refused).toBe("Not signed in: Signing in failed: No such code");
});

test("headers of a server go to nobody who signs in for it", async () => {
  const [bench, elsewhere] = [await openLocked({ headers: { "X-Key": "secret" } }), await openOAuthServer()];
  // Who signs in for it is at another origin.
  bench.server.issuer = new URL(elsewhere.url).origin;
  await bench.servers.signIn("x");
  expect(elsewhere.asked).toEqual(["register"]);
  expect(elsewhere.cameWith("x-key")).toEqual([]);
  const asked = createAuthFetch(bench.server.url, { "X-Key": "secret" });
  await asked(elsewhere.url);
  expect(elsewhere.cameWith("x-key")).toEqual([]);
  expect(new Set(bench.server.cameWith("x-key"))).toContain("/.well-known/oauth-protected-resource/mcp");
});

test("it registers in a way that is taken there, and says what to do where nobody can", async () => {
  for (const methods of [["none"], ["client_secret_post"], ["client_secret_basic"]]) {
    const bench = await openLocked();
    bench.server.methods = methods;
    await bench.servers.signIn("x");
    expect(bench.server.asked).toEqual(["register"]);
  }
  const bench = await openLocked();
  bench.server.metadata = { registration_endpoint: undefined };
  await expect(bench.servers.signIn("x")).rejects.toThrow(/registers no program by itself: .*oauth\.clientId/);
});

test("a registration that nobody has come back by is made anew: it may be forgotten there", async () => {
  const bench = await openLocked();
  const { url } = await bench.servers.signIn("x");
  bench.server.forget();
  expect((await fetch(url, { redirect: "manual" })).status).toBe(400);
  await signIn(bench);
  expect(bench.server.asked.filter((one) => one === "register")).toHaveLength(2);
});

test("a registration by which nobody came back is made anew though there is a token still", async () => {
  const bench = await openLocked();
  bench.server.grants = { refresh_token: undefined };
  await signIn(bench);
  bench.server.expire();
  bench.server.forget();
  await expect(bench.call("mcp__x__whoami")).rejects.toThrow("sign in first");
  const { url } = await bench.servers.signIn("x");
  expect((await fetch(url, { redirect: "manual" })).status).toBe(400);
  await signIn(bench);
  expect((await bench.call("mcp__x__whoami")).text).toContain("you are in");
});

test("nothing is registered by a run, wherever it is sent for a moment: the client that is known stays", async () => {
  const [bench, elsewhere] = [await openLocked(), await openOAuthServer()];
  await signIn(bench);
  const account = openAccount(bench.stateDir, "x", bench.server.url);
  const { client } = await account.read();
  bench.server.expire();
  bench.server.issuer = new URL(elsewhere.url).origin;
  await expect(bench.call("mcp__x__whoami")).rejects.toThrow();
  expect(elsewhere.asked).toEqual([]);
  expect((await account.read()).client).toEqual(client);
});

test("who is signed out stays so when a renewal was under way, and is for each process, whatever vault it has", async () => {
  const bench = await openLocked();
  await signIn(bench);
  bench.server.expire();
  const renewing = Promise.withResolvers<void>();
  const [going, go] = [Promise.withResolvers<void>(), renewing.resolve];
  bench.server.before = async (path) => {
    if (path !== "/token") return;
    going.resolve();
    await renewing.promise;
  };
  const called = bench.call("mcp__x__whoami").catch(() => undefined);
  await going.promise;
  const out = bench.servers.signOut("x");
  go();
  await out;
  await called;
  const { kept, vault } = openVault();
  const { url } = bench.server;
  const plain = openAccount(bench.stateDir, "x", url);
  expect(await plain.read()).toEqual({ url });
  const guarded = openAccount(bench.stateDir, "x", url, vault);
  await guarded.change({ tokens: { access_token: "a", token_type: "bearer" } });
  expect((await guarded.read()).tokens?.access_token).toBe("a");
  await plain.forget();
  expect(await guarded.read()).toEqual({ url });
  expect(kept.size).toBe(0);
  await plain.change({ tokens: { access_token: "b", token_type: "bearer" } });
  expect((await guarded.read()).tokens?.access_token).toBe("b");
});

test("who is signed in stays so where the file cannot be read for a moment, is gone, or is another address's", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-account-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }));
  const url = "https://one.example/mcp";
  const [plain, guarded] = [openAccount(stateDir, "x", url), openAccount(stateDir, "x", url, openVault().vault)];
  const token = async () => (await guarded.read()).tokens?.access_token;
  const tokens = (access_token: string) => ({ tokens: { access_token, token_type: "bearer" } });
  const file = join(stateDir, "mcp", "x.auth.json");
  await plain.forget();
  await guarded.change(tokens("a"));
  renameSync(file, `${file}.aside`);
  expect(await token()).toBe("a");
  mkdirSync(file);
  expect(await token()).toBe("a");
  await guarded.change(tokens("b"));
  const told = { code: "unavailable", message: expect.stringContaining("x.auth.json could not be read") };
  await expect(plain.read()).rejects.toMatchObject(told);
  await expect(plain.change(tokens("c"))).rejects.toMatchObject(told);
  rmdirSync(file);
  await openAccount(stateDir, "x", "https://two.example/mcp").forget();
  expect(await token()).toBe("b");
  renameSync(`${file}.aside`, file);
  expect(await token()).toBe("b");
  await plain.forget();
  expect(await token()).toBeUndefined();
});

test("the page to sign in at lies in no network of the user's where the server is on the public internet", async () => {
  const check = createPlaceCheck("https://1.1.1.1/mcp");
  for (const place of ["http://10.0.0.1/apply", "https://192.168.1.1/", "http://127.0.0.1:8080/x", "http://1.0.0.1/"])
    await expect(check(new URL(place))).rejects.toMatchObject({ code: "forbidden" });
  await check(new URL("https://1.0.0.1/authorize"));
  await createPlaceCheck("https://192.168.1.2/mcp")(new URL("https://192.168.1.3/authorize"));
});

test("neither signing in nor a call is led where a server may not name a place, or to who reads along", async () => {
  const { server } = await openLocked();
  const { url } = server;
  let location = "";
  server.instead = () => ({ status: 307, value: {}, location });
  const ask = { auth: createAuthFetch(url, {}), server: createServerFetch(url) };
  for (const place of ["http://10.0.0.1/x", "https://192.168.1.1/", "http://[fd00::1]/", "http://1.0.0.1/"]) {
    location = place;
    for (const by of [ask.auth, ask.server]) await expect(by(url), place).rejects.toMatchObject({ code: "forbidden" });
    await expect(ask.server(url, { method: "POST", body: "{}" }), place).rejects.toMatchObject({ code: "forbidden" });
  }
});

test("what is posted to sign in is sent to no other origin that it is led to; what is found out may be there", async () => {
  const [bench, elsewhere] = [await openLocked(), await openOAuthServer()];
  const { origin } = new URL(elsewhere.url);
  bench.server.instead = (path) =>
    path === "/token" || path.startsWith("/.well-known/oauth-authorization-server")
      ? { status: 307, value: {}, location: origin + path }
      : undefined;
  const own = new URL(bench.server.url).origin;
  elsewhere.metadata = {
    issuer: own,
    authorization_endpoint: `${own}/authorize`,
    token_endpoint: `${own}/token`,
    registration_endpoint: `${own}/register`,
  };
  const refused = becomes(bench, "sign_in");
  expect(await visit((await bench.servers.signIn("x")).url)).toContain("Pincer was not signed in");
  expect(await refused).toBe(`Not signed in: ${own} leads to ${origin}: what is posted to sign in is not sent there`);
  expect(elsewhere.asked).toEqual([]);
});

test("a token without one to renew it by, said as null, is taken; what gives no answer is given up", async () => {
  const bench = await openLocked();
  const { url } = bench.server;
  bench.server.instead = () => ({ status: 200, value: { access_token: "a", refresh_token: null } });
  expect(await (await createAuthFetch(url, {})(url)).json()).toEqual({ access_token: "a" });
  bench.server.instead = () => "hang";
  await expect(createAuthFetch(url, {}, 1)(url)).rejects.toMatchObject({ code: "timed_out" });
});
