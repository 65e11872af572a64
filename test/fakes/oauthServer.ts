import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { slowly } from "./slowly.ts";

/** An MCP server over HTTP that wants a token, and the authorization server that gives it, in one. */
export interface OAuthServer {
  url: string;
  /** Every token is dead from now on; those that are refreshed are not. */
  expire(): void;
  /** Refresh tokens too. */
  revoke(): void;
  /** What was asked for, in order: "register", "authorize read", "token authorization_code". */
  asked: string[];
  /** Where its metadata says that tokens are given; its own place by default. */
  issuer?: string;
  /** Tokens that calls came with. */
  seen: Set<string>;
  /** How tokens are asked for there, by its metadata. */
  methods: string[];
  /** More members of its metadata. */
  metadata: Record<string, unknown>;
  /** Answers in its place; undefined: as ever. "hang": never. */
  instead?:
    | ((path: string, body: string) => { status: number; value: unknown; location?: string } | "hang" | undefined)
    | undefined;
  /** Awaited before an answer. */
  before?: (path: string) => Promise<void>;
  /** Members of what it gives in place of its own. */
  grants?: Record<string, unknown>;
  /** Paths that came with this header. */
  cameWith(header: string): string[];
  /** Nobody that has registered is known any more. */
  forget(): void;
}

export async function openOAuthServer(): Promise<OAuthServer> {
  const codes = new Map<string, { challenge: string; redirect: string }>();
  const clients = new Map<string, string[]>();
  const live = new Set<string>();
  const refreshers = new Set<string>();
  const asked: string[] = [];
  const seen = new Set<string>();
  const came: { path: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer(slowly((request, response) => void handle(request, response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own: OAuthServer = {
    url: `${origin}/mcp`,
    expire: () => live.clear(),
    revoke: () => (live.clear(), refreshers.clear()),
    asked,
    seen,
    methods: ["none"],
    metadata: {},
    cameWith: (header) => came.filter(({ headers }) => header in headers).map(({ path }) => path),
    forget: () => clients.clear(),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, origin);
    const body = request.method === "POST" ? await text(request) : "";
    came.push({ path: url.pathname, headers: request.headers });
    const reply = (status: number, value: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    await own.before?.(url.pathname);
    const other = own.instead?.(url.pathname, body);
    if (other === "hang") return;
    const grant = () => {
      const tokens = { access_token: `at-${randomUUID()}`, refresh_token: `rt-${randomUUID()}` };
      live.add(tokens.access_token);
      refreshers.add(tokens.refresh_token);
      return reply(200, { ...tokens, token_type: "Bearer", expires_in: 3600, scope: "read", ...own.grants });
    };
    if (other) {
      if (url.pathname === "/token") asked.push(`token ${new URLSearchParams(body).get("grant_type")}`);
      const { status, value, location } = other;
      return void reply(status, value, location === undefined ? {} : { location });
    }
    if (url.pathname.startsWith("/.well-known/oauth-protected-resource"))
      return void reply(200, {
        resource: own.url,
        authorization_servers: [own.issuer ?? origin],
        scopes_supported: ["read"],
      });
    if (url.pathname === "/.well-known/oauth-authorization-server")
      return void reply(200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ["code"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: own.methods,
        ...own.metadata,
      });
    if (url.pathname === "/register") {
      const client = JSON.parse(body) as { redirect_uris: string[]; token_endpoint_auth_method?: string };
      asked.push("register");
      // What is not said means this one.
      const method = client.token_endpoint_auth_method ?? "client_secret_basic";
      if (!own.methods.includes(method)) return void reply(400, { error: "invalid_client_metadata" });
      const client_id = randomUUID();
      clients.set(client_id, client.redirect_uris);
      return void reply(201, { ...client, client_id });
    }
    if (url.pathname === "/authorize") {
      const given = Object.fromEntries(url.searchParams) as Record<string, string>;
      asked.push(`authorize ${given["scope"]}`);
      if (!clients.get(given["client_id"]!)?.includes(given["redirect_uri"]!)) return void reply(400, {});
      if (given["code_challenge_method"] !== "S256" || given["resource"] !== own.url) return void reply(400, {});
      const code = randomUUID();
      codes.set(code, { challenge: given["code_challenge"]!, redirect: given["redirect_uri"]! });
      const back = new URL(given["redirect_uri"]!);
      back.search = new URLSearchParams({ code, state: given["state"]! }).toString();
      return void response.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname === "/token") {
      const given = new URLSearchParams(body);
      asked.push(`token ${given.get("grant_type")}`);
      if (given.get("grant_type") === "refresh_token") {
        const isKnown = refreshers.delete(given.get("refresh_token")!);
        return void (isKnown ? grant() : reply(400, { error: "invalid_grant" }));
      }
      const known = codes.get(given.get("code")!);
      codes.delete(given.get("code")!);
      const challenge = createHash("sha256").update(given.get("code_verifier")!).digest("base64url");
      const isRight = known?.challenge === challenge && known.redirect === given.get("redirect_uri");
      return void (isRight ? grant() : reply(400, { error: "invalid_grant" }));
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined) seen.add(token);
    if (token === undefined || !live.has(token)) {
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      return void reply(401, {}, { "www-authenticate": `Bearer resource_metadata="${metadata}", scope="read"` });
    }
    if (request.method !== "POST") return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body) as { id?: number; method: string; params: Record<string, unknown> };
    if (id === undefined) return void response.writeHead(202).end();
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: params?.["protocolVersion"],
        capabilities: { tools: {} },
        serverInfo: { name: "locked", version: "1" },
      },
      "tools/list": { tools: [{ name: "whoami", inputSchema: { type: "object" } }] },
      "tools/call": { content: [{ type: "text", text: "you are in" }] },
    };
    const result = results[method];
    const answer = result ? { result } : { error: { code: -32601, message: "Method not found" } };
    reply(200, { jsonrpc: "2.0", id, ...answer });
  }
  return own;
}
