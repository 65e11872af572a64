import type { Client } from "@modelcontextprotocol/client";
import { isAppError } from "../../../base/appError.ts";
import type { GatewayAddress } from "../../../client/gatewayAddress.ts";
import { createGatewayFetch } from "../../../client/gatewayFetch.ts";
import { uncheckedResults } from "../../../schema/uncheckedResults.ts";

/** What calls are handed on to the gateway by. */
export interface McpLink {
  /** With a client of the gateway that runs now. A call that fails ends no other, whatever becomes of its client. */
  use<T>(work: (client: Client) => Promise<T>): Promise<T>;
  close(): void;
}

interface OpenClient {
  key: string;
  client: Promise<Client>;
  calls: number;
}

/** `find` says which gateway runs now, or throws. */
export function createMcpLink(find: () => GatewayAddress, version: string): McpLink {
  let current: OpenClient | undefined;
  const leave = () => {
    const left = current;
    current = undefined;
    if (left?.calls === 0) close(left);
  };
  const open = (): OpenClient => {
    const address = find();
    const key = JSON.stringify([address.url, address.nonce, address.token]);
    if (current?.key !== key) leave();
    return (current ??= { key, client: connect(address, version), calls: 0 });
  };
  return {
    async use(work) {
      const used = open();
      used.calls += 1;
      let isOpen = false;
      try {
        const client = await used.client;
        isOpen = true;
        return await work(client);
      } catch (error) {
        if (used === current && (!isOpen || isGone(error))) current = undefined;
        throw error;
      } finally {
        used.calls -= 1;
        if (used !== current && used.calls === 0) close(used);
      }
    },
    close() {
      if (current) close(current);
      current = undefined;
    },
  };
}

/** What a gateway said where it refused the request itself, as one that is too long; undefined where it said nothing. */
export function refusalOf(error: unknown): string | undefined {
  const { text } = (error as { data?: { text?: unknown } }).data ?? {};
  if (typeof text !== "string") return undefined;
  try {
    const { message } = (JSON.parse(text) as { error: { message?: unknown } }).error;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Whether nothing was heard of the gateway, or no longer: another may be there by now. */
function isGone(error: unknown): boolean {
  return isAppError(error) || isAppError((error as Error).cause);
}

function close({ client }: OpenClient): void {
  void client.then((open) => open.close()).catch(() => {});
}

async function connect(address: GatewayAddress, version: string): Promise<Client> {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client(
    { name: "pincer mcp serve", version },
    {
      versionNegotiation: { mode: "auto" },
      jsonSchemaValidator: uncheckedResults,
    },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${address.url}/mcp`), { fetch: createGatewayFetch(address) }),
  );
  return client;
}
