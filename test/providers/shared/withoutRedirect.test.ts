import { createServer, request as passOn } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { collect, options, request, user } from "../collect.ts";
import { withoutRedirect } from "../../../src/providers/shared/withoutRedirect.ts";
import { defined } from "../../../src/base/defined.ts";
import { WAYS } from "../kinds.ts";

async function openBench({ kind, model, start, path, fetch }: (typeof WAYS)[number]) {
  const server = await start();
  onTestFinished(() => server.close());
  const asker = (url: string) => {
    const provider = kind.create(options({ baseUrl: url + path, timing: { maxRetries: 0 }, ...defined({ fetch }) }));
    return () => collect(provider, request(model, [user("hi")]));
  };
  return { server, asker };
}

test.each(WAYS)("a body is taken once: $kind.api, $by", async (subject) => {
  const { server, asker } = await openBench(subject);
  const ask = asker(server.url);
  await ask();
  const taken = vi.spyOn(ReadableStream.prototype, "tee");
  onTestFinished(() => taken.mockRestore());
  await ask();
  expect(taken).not.toHaveBeenCalled();
});

test.each(WAYS)(
  "an address that leads elsewhere is followed, from the second request on at once: $kind.api, $by",
  async (subject) => {
    const { server, asker } = await openBench(subject);
    let asked = 0;
    // Whoever is led to another host takes no key along.
    const sign = createServer((from, to) => {
      const { url = "", method, headers } = from;
      if (!url.startsWith("/old/")) {
        const passed = passOn(server.url + url, { method, headers }, (answer) => {
          to.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(to);
        });
        from.pipe(passed);
        return;
      }
      asked += 1;
      to.writeHead(307, { location: url.slice("/old".length) }).end();
    });
    await new Promise<void>((resolve) => sign.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void sign.close());
    const ask = asker(`http://127.0.0.1:${(sign.address() as AddressInfo).port}/old`);
    server.script(() => ({ text: "there" }));
    expect((await ask()).text).toBe("there");
    expect({ asked, answered: server.requests.length }).toEqual({ asked: 2, answered: 1 });
    expect((await ask()).text).toBe("there");
    expect({ asked, answered: server.requests.length }).toEqual({ asked: 3, answered: 2 });
  },
);

test("no key goes along to another origin, in whichever header it is; to the same one it does", async () => {
  const came: [url: string, keys: string[]][] = [];
  const open = async (leadsTo: (url: string) => string | undefined) => {
    const server = createServer((from, to) => {
      const { url = "", headers } = from;
      const keys = ["authorization", "x-api-key", "x-goog-api-key"].filter((name) => headers[name] !== undefined);
      from.resume().on("end", () => {
        const location = leadsTo(url);
        if (location !== undefined) return void to.writeHead(308, { location }).end();
        came.push([url, keys]);
        to.end("there");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const other = await open(() => undefined);
  const first = await open((url) => ({ "/near": "/here", "/far": `${other}/away` })[url]);
  const headers = { authorization: "Bearer k", "x-api-key": "k", "x-goog-api-key": "k" };
  for (const path of ["/near", "/far", "/far"]) {
    const response = await withoutRedirect(fetch, first + path, { method: "POST", headers, body: "{}" });
    expect(await response.text()).toBe("there");
  }
  expect(came).toEqual([
    ["/here", Object.keys(headers)],
    ["/away", []],
    ["/away", []],
  ]);
});
