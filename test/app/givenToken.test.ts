import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AppBench, createAppBench } from "./bench.ts";

const GIVEN = "Given-in-openclaw-yml-0123456789abcdefghijklmno";
const OTHER = "Other-in-openclaw-yml-0123456789abcdefghijklmno";

const inFile = ({ stateDir }: AppBench) => readFileSync(join(stateDir, "token"), "utf8").trim();

async function statusWith(url: string, token: string): Promise<number> {
  const answer = await fetch(`${url}/api/gateway/status`, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

test("a token that is taken out of openclaw.yml is dead, and scripts find the fresh one", async () => {
  const bench = createAppBench();
  bench.configure(`gateway: { token: ${GIVEN} }\n`);
  const app = await bench.open();
  expect([app.token(), inFile(bench), await statusWith(app.url, GIVEN)]).toEqual([GIVEN, GIVEN, 200]);
  bench.configure("gateway: {}\n");
  await expect.poll(() => [app.token() === GIVEN, inFile(bench) === app.token()]).toEqual([false, true]);
  expect([await statusWith(app.url, GIVEN), await statusWith(app.url, app.token())]).toEqual([401, 200]);
});

test.each([[[GIVEN]], [[GIVEN, OTHER]]])("so it is when that is done between two starts: %j", async (given) => {
  const bench = createAppBench();
  const start = async () => {
    const app = await bench.open();
    const token = app.token();
    expect(inFile(bench)).toBe(token);
    bench.forget(app);
    await app.close();
    return token;
  };
  for (const token of given) {
    bench.configure(`gateway: { token: ${token} }\n`);
    expect(await start()).toBe(token);
    const noted = readFileSync(join(bench.stateDir, "token.given"), "utf8");
    expect(await start()).toBe(token);
    expect(await start()).toBe(token);
    expect(readFileSync(join(bench.stateDir, "token.given"), "utf8").split("\n").length).toBeLessThanOrEqual(
      noted.split("\n").length,
    );
  }
  bench.configure("gateway: {}\n");
  const own = await start();
  expect(given).not.toContain(own);
  // From then on it is kept, as one is that was never given.
  expect(await start()).toBe(own);
});
