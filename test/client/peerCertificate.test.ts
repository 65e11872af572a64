import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { generate } from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import { createRestClient } from "../../src/client/restClient.ts";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { createAppBench } from "../app/bench.ts";
import { pincer } from "../cli/pincer.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";

const nonce = "a-nonce-of-some-length";
const authority = await generate([{ name: "commonName", value: "An authority" }], {
  keyType: "ec",
  algorithm: "sha256",
  extensions: [
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, critical: true },
  ],
});

/** Of an authority that the system does not know, for a name that is not the address; in a file with its authority's, as certbot writes it. */
async function issue() {
  const folder = mkdtempSync(join(tmpdir(), "pincer-issued-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pair = await generate([{ name: "commonName", value: "box.example" }], {
    keyType: "ec",
    algorithm: "sha256",
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "box.example" }] }],
  });
  const [cert, key] = [`${pair.cert}\n${authority.cert}`, pair.private];
  const tls = { cert: join(folder, "fullchain.pem"), key: join(folder, "privkey.pem") };
  writeFileSync(tls.cert, cert);
  writeFileSync(tls.key, key);
  return { tls, cert, key };
}

test("a gateway is known by the certificate it is named with, whoever signed it and whatever it is for", async () => {
  const { tls, cert } = await issue();
  const { gateway } = await openGatewayBench({ gateway: { tls, nonce } });
  const address = { url: gateway.url, token: TOKEN, certificate: cert, nonce };
  expect(await createRestClient(address).get("gateway.status")).toMatchObject({ url: gateway.url });
  const wire = createRouteClient(await connectWire(address));
  expect(await wire.call("gateway.status", {})).toMatchObject({ url: gateway.url });
  wire.close();
});

test("one with another certificate is sent nothing, be it of the same authority", async () => {
  const [meant, other] = [await issue(), await issue()];
  let bytes = 0;
  const server = createServer({ cert: other.cert, key: other.key }, (socket: TLSSocket) => {
    socket.on("data", (chunk) => (bytes += chunk.length)).on("error", () => {});
  });
  const ended = Promise.withResolvers<void>();
  let connections = 0;
  server.on("connection", (socket) => {
    socket.on("close", () => {
      connections += 1;
      if (connections === 4) ended.resolve();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
  for (const certificate of [meant.cert, authority.cert]) {
    const address = { url, token: TOKEN, certificate };
    const said = `What answers at ${url} has another certificate than the gateway that was started there`;
    await expect(createRestClient(address).get("gateway.status")).rejects.toThrow(said);
    await expect(connectWire(address)).rejects.toThrow(said);
  }
  await ended.promise;
  expect(bytes).toBe(0);
});

test("without a certificate it is the system's authorities that say whom to trust", async () => {
  const { tls } = await issue();
  const { gateway } = await openGatewayBench({ gateway: { tls } });
  const address = { url: gateway.url, token: TOKEN };
  await expect(createRestClient(address).get("gateway.status")).rejects.toThrow(/is not trusted/);
  await expect(connectWire(address)).rejects.toThrow(/No gateway answers/);
});

test("verbs and a second window reach a gateway with an authority's certificate, also when it is renewed", async () => {
  const { tls } = await issue();
  const bench = createAppBench();
  bench.configure(`gateway:\n  tls: ${JSON.stringify(tls)}\n`);
  const leader = await bench.open();
  const { code, stderr } = await pincer(["status"], { PINCER_HOME: bench.stateDir });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const window = await bench.open({ mode: "join", host: bench.host({ name: "window", workspaces: () => [] }) });
  const ask = async () => {
    const client = createRouteClient(await window.connect("panel"));
    const { url } = await client.call("gateway.status", {});
    client.close();
    return url;
  };
  expect([window.role, await ask()]).toEqual(["client", leader.url]);
  const renewed = await issue();
  bench.configure(`gateway:\n  tls: ${JSON.stringify(renewed.tls)}\n`);
  await expect.poll(() => readGatewayFile(bench.stateDir)?.certificate).toBe(renewed.cert);
  expect(await ask()).toBe(leader.url);
});
