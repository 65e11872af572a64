import { expect, test } from "vitest";
import { checkPageUrl, readPageUrl } from "../../src/browser/page/pageUrl.ts";

const looked: string[] = [];
const guard = {
  allowLoopback: () => false,
  resolve: async (host: string) => (looked.push(host), ["93.184.216.34"]),
};

test("what is shown to whoever is asked about a page looks up no name; opening it does", async () => {
  looked.length = 0;
  expect(await readPageUrl("what-env-says.evil.example/a", guard)).toBe("https://what-env-says.evil.example/a");
  expect(looked).toEqual([]);
  await checkPageUrl("what-env-says.evil.example/a", guard);
  expect(looked).toEqual(["what-env-says.evil.example"]);
});

test("what an address itself tells is refused before anybody is asked", async () => {
  for (const url of ["http://192.168.1.1/", "file:///etc/passwd", "http://a@b.example/"])
    await expect(readPageUrl(url, guard)).rejects.toMatchObject({ code: "forbidden" });
  await expect(readPageUrl("http://127.0.0.1:3000/", guard)).rejects.toThrow(/browser\.allowLoopback/);
});
