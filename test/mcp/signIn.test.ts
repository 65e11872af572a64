import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Vault } from "../../src/core/ports/host.ts";
import { openAccount } from "../../src/mcp/auth/account.ts";
import { openOAuthServer } from "../fakes/oauthServer.ts";
import { fake, type McpBench, never, openMcpBench } from "./bench.ts";

async function openLocked(more: { vault?: Vault } = {}) {
  const server = await openOAuthServer();
  const bench = openMcpBench({ x: fake({}, { command: undefined, args: [], url: server.url }) }, more);
  await bench.servers.settled(never);
  return { server, ...bench };
}

const state = ({ servers }: Pick<McpBench, "servers">) => servers.list()[0]!.state;

/** The user's browser: follows the page to where it is sent back. */
async function visit(url: string): Promise<Response> {
  const answer = await fetch(url, { redirect: "manual" });
  return await fetch(answer.headers.get("location")!);
}

test("a server that wants a token asks a person to sign in; no page is opened, and nothing registered, before", async () => {
  const bench = await openLocked();
  expect(state(bench)).toBe("sign_in");
  expect(bench.server.asked).toEqual([]);
  const ready = new Promise((resolve) => bench.servers.onDidChange((one) => one.state === "ready" && resolve(0)));
  const { url } = await bench.servers.signIn("x");
  const asked = new URL(url).searchParams;
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(asked.get("redirect_uri")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp\/callback$/);
  // Who does not know the state gets nothing of it.
  expect((await fetch(`${asked.get("redirect_uri")}?code=stolen&state=guess`)).status).toBe(404);
  const page = await visit(url);
  expect(await page.text()).toContain("Pincer is signed in");
  await ready;
  expect((await bench.call("mcp__x__whoami")).text).toContain("you are in");
  expect(bench.server.asked).toEqual(["register", "authorize read", "token authorization_code"]);
  const file = join(bench.stateDir, "mcp", "x.auth.json");
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(bench.servers.log("x", 100).join("\n")).not.toMatch(/at-|rt-|code=/);

  // A token that has run out is refreshed by itself.
  bench.server.expire();
  expect((await bench.call("mcp__x__whoami")).text).toContain("you are in");
  expect(bench.server.asked.at(-1)).toBe("token refresh_token");
  // After a restart nobody has to sign in again.
  await bench.servers.close();
  const again = bench.again();
  expect((await again.call("mcp__x__whoami")).text).toContain("you are in");
  expect(bench.server.asked.filter((one) => one === "register")).toHaveLength(1);
  // What cannot be refreshed asks the person again.
  bench.server.revoke();
  await expect(again.call("mcp__x__whoami")).rejects.toThrow("wants its user to sign in first: pincer mcp sign-in x");
  expect(state(again)).toBe("sign_in");
});

test("where the host has a vault the tokens are there, refreshed there, and in no file", async () => {
  const kept = new Map<string, string>();
  const vault: Vault = {
    get: async (name) => kept.get(name),
    set: async (name, value) => void kept.set(name, value),
    delete: async (name) => void kept.delete(name),
  };
  const bench = await openLocked({ vault });
  const ready = new Promise((resolve) => bench.servers.onDidChange((one) => one.state === "ready" && resolve(0)));
  await visit((await bench.servers.signIn("x")).url);
  await ready;
  const first = kept.get("mcp.x.account");
  expect(first).toContain("access_token");
  expect(existsSync(join(bench.stateDir, "mcp", "x.auth.json"))).toBe(false);
  bench.server.expire();
  expect((await bench.call("mcp__x__whoami")).text).toContain("you are in");
  expect(kept.get("mcp.x.account")).not.toBe(first);
  await bench.servers.signOut("x");
  expect(kept.size).toBe(0);
  // Who signed in on the command line stays signed in there.
  const account = openAccount(bench.stateDir, "x", bench.server.url);
  await account.change({ redirectUrl: "http://127.0.0.1:1/callback" });
  const same = openAccount(bench.stateDir, "x", bench.server.url, vault);
  await same.change({ tokens: { access_token: "a", token_type: "bearer" } });
  expect((await account.read()).tokens?.access_token).toBe("a");
  expect(kept.size).toBe(0);
});

test("tokens go to the address that they were given for, and to no other", async () => {
  const bench = await openLocked();
  const ready = new Promise((resolve) => bench.servers.onDidChange((one) => one.state === "ready" && resolve(0)));
  await visit((await bench.servers.signIn("x")).url);
  await ready;
  const other = await openOAuthServer();
  bench.settings["x"] = fake({}, { command: undefined, args: [], url: other.url });
  bench.servers.refresh();
  await bench.servers.settled(never);
  expect(state(bench)).toBe("sign_in");
  expect([...other.seen]).toEqual([]);
  await bench.servers.signOut("x");
  const left = JSON.parse(readFileSync(join(bench.stateDir, "mcp", "x.auth.json"), "utf8")) as object;
  expect(Object.keys(left)).toEqual(["url", "signedOut"]);
});

test("a server names no place of the network to knock at", async () => {
  const bench = await openLocked();
  bench.server.issuer = "http://169.254.169.254/latest";
  await expect(bench.servers.signIn("x")).rejects.toThrow(
    /Signing in could not begin|not on the public internet|neither https/,
  );
});

test("a server that is a program signs nobody in, and one that lets us in asks nobody", async () => {
  const { servers } = openMcpBench({ x: fake() });
  await servers.settled(never);
  await expect(servers.signIn("x")).rejects.toThrow("is a program, and nobody signs in there");
});
