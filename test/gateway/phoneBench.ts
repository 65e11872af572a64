import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { onTestFinished } from "vitest";
import type { CallRecord } from "../../src/gateway/calls/routeCaller.ts";
import { type GatewayBenchOptions, type Json, openGatewayBench, TOKEN } from "./bench.ts";

interface Asked {
  method?: string;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

/** A gateway that phones reach over real TLS. */
export async function openPhoneBench({ gateway: given, ...options }: GatewayBenchOptions = {}) {
  const calls: CallRecord[] = [];
  const bench = await openGatewayBench({
    ...options,
    gateway: { host: "0.0.0.0", tls: "selfSigned", remote: true, onCall: (call) => calls.push(call), ...given },
  });
  const { gateway } = bench;
  const open = (path: string, { method = "GET", body, token, headers = {} }: Asked) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(gateway.url + path, {
        method,
        ca: gateway.certificate,
        agent: false,
        // Whatever the Host says, it is the gateway here that is spoken to.
        servername: "localhost",
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(sent === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
      });
      outgoing.on("response", resolve).on("error", reject).end(sent);
      onTestFinished(() => void outgoing.destroy());
    });
  const ask = async (path: string, asked: Asked = {}): Promise<{ status: number; headers: Json; body: Json }> => {
    const response = await open(path, asked);
    const text = (await response.setEncoding("utf8").toArray()).join("");
    return {
      status: response.statusCode!,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };
  const post = (path: string, body: unknown, more: Asked = {}) =>
    ask(path, { method: "POST", body, token: TOKEN, ...more });
  const offer = async (send = false): Promise<string> => (await post("/api/phones/pair", { send })).body.code;
  const enter = (code: string, more: Asked = {}) =>
    ask("/phone/pair", { method: "POST", body: { code, name: "My phone" }, ...more });
  const pair = async (send = false): Promise<{ id: string; token: string }> => {
    const { body } = await enter(await offer(send));
    return { id: body.phone.id, token: body.token };
  };
  /** Asks with a body that is held back until `finish`; resolves when the head was let in. */
  const hold = async (path: string, body: object, token?: string) => {
    const sent = JSON.stringify(body);
    const outgoing = request(gateway.url + path, {
      method: "POST",
      ca: gateway.certificate,
      agent: false,
      servername: "localhost",
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        "content-type": "application/json",
        "content-length": Buffer.byteLength(sent),
        expect: "100-continue",
      },
    });
    onTestFinished(() => void outgoing.destroy());
    outgoing.flushHeaders();
    await once(outgoing, "continue");
    return async (): Promise<number> => {
      outgoing.end(sent);
      const [response] = (await once(outgoing, "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode!;
    };
  };
  const text = async (path: string, asked: Asked = {}) => {
    const response = await open(path, asked);
    return {
      status: response.statusCode!,
      headers: response.headers,
      text: (await response.setEncoding("utf8").toArray()).join(""),
    };
  };
  return { ...bench, text, calls, open, hold, ask, post, offer, enter, pair, own: `https://127.0.0.1:${gateway.port}` };
}
